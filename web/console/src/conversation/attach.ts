/** Files that a reply takes along: what fits, and how they are written for the server. */

/** A file that will go with the reply. */
export interface Attached {
  key: string;
  name: string;
  size: number;
  /** For pictures: an address to draw it from, given back when the file goes. */
  preview: string | null;
  file: File;
}

/** The server takes no more in one reply. */
export const mostFiles = 10;
export const mostBytes = 20 * 1024 * 1024;

/** Those that fit beside the ones that are there, and whether some did not. */
export const fitting = (known: readonly { size: number }[], added: readonly File[]): { taken: File[]; over: boolean } => {
  let bytes = known.reduce((sum, { size }) => sum + size, 0);
  const taken: File[] = [];
  for (const file of added) {
    if (file.size === 0 || known.length + taken.length >= mostFiles || bytes + file.size > mostBytes) continue;
    bytes += file.size;
    taken.push(file);
  }
  return { taken, over: taken.length < added.length };
};

let count = 0;

export const attach = (file: File): Attached => ({
  key: `${(count += 1)}`,
  name: file.name || "file",
  size: file.size,
  preview: /^image\/(png|jpeg|gif|webp)$/.test(file.type) ? URL.createObjectURL(file) : null,
  file,
});

export const letGo = ({ preview }: Attached): void => {
  if (preview) URL.revokeObjectURL(preview);
};

/** In base64, as the server reads it. */
export const written = async ({ name, file }: Attached): Promise<{ name: string; base64: string }> =>
  new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onerror = () => failed(new Error(reader.error?.message ?? "unreadable"));
    reader.onload = () => done({ name, base64: String(reader.result).split(",", 2)[1] ?? "" });
    reader.readAsDataURL(file);
  });
