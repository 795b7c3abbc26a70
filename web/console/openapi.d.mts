/** Where the types are kept. */
export const written: string;
/** The types as the server's description says they are now. */
export const generated: () => Promise<string>;
