import type { paths } from "./schema.ts";
import type { Problem } from "./types.ts";

/** A failed request, with the server's own explanation when it gave one. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "RequestError";
    this.status = status;
    this.code = code;
  }
}

let csrf: string | null = null;

/** Remembers the token that changing requests must carry. */
export const rememberCsrf = (token: string | null): void => {
  csrf = token;
};

type Method = "get" | "post" | "patch" | "delete";

const version = "/api/v1";
type Version = typeof version;

/** The API's paths as its description has them, below the version. */
type Described = { [P in keyof paths as P extends `${Version}${infer Path}` ? Path : never]: paths[P] };

/** Paths that take a method. */
export type PathOf<M extends Method> = { [P in keyof Described]: M extends keyof Described[P] ? P : never }[keyof Described];

type Operation<M extends Method, P extends keyof Described> = M extends keyof Described[P] ? Described[P][M] : never;
type Hole<P> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Hole<Rest> : never;
type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : never;

/** What an operation answers when it works. */
export type Answered<M extends Method, P extends keyof Described> =
  Operation<M, P> extends { responses: infer Answers } ? Json<Answers[keyof Answers]> : never;

type Queried<O> = O extends { parameters: { query?: infer Query } } ? { [Name in keyof Query]?: string | number | null | undefined } : never;

/** What goes along: what stands in the path's braces, the query, and the body where one is taken. */
export type Along<M extends Method, P extends keyof Described> = { [Name in Hole<P>]: string } & {
  query?: Queried<Operation<M, P>>;
} & (Operation<M, P> extends { requestBody: infer Taken } ? { body: Json<Taken> } : unknown);

/** The body that an operation takes. */
export type Body<M extends Method, P extends keyof Described> = Operation<M, P> extends { requestBody: infer Taken } ? Json<Taken> : never;

type Rest<M extends Method, P extends keyof Described> =
  Record<never, never> extends Along<M, P> ? [along?: Along<M, P>] : [along: Along<M, P>];

interface Loose {
  query?: Query;
  body?: unknown;
  [hole: string]: unknown;
}

const addressOf = (path: string, { query, body: _body, ...holes }: Loose): string => {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(holes[name])));
  return withQuery(`${version}${filled}`, query ?? {});
};

const isProblem = (value: unknown): value is Problem =>
  typeof value === "object" && value !== null && "title" in value && "status" in value;

const explained = (status: number, statusText: string, body: unknown): RequestError =>
  isProblem(body) ? new RequestError(status, body.code ?? "unknown", body.detail || body.title) : new RequestError(status, "unknown", statusText);

const explain = async (response: Response): Promise<RequestError> =>
  explained(response.status, response.statusText, await response.json().catch(() => null));

/** What a browser still sends for a page that is being left has a limit. */
const longestKept = 30_000;

const send = async (method: Method, path: string, body?: unknown): Promise<Response> => {
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method !== "get" && csrf) headers["x-rapport-csrf"] = csrf;
  const text = body === undefined ? null : JSON.stringify(body);
  let response: Response;
  try {
    response = await fetch(path, {
      method: method.toUpperCase(),
      headers,
      credentials: "same-origin",
      body: text,
      // What was done is done, even when the page is left in the same moment.
      keepalive: method !== "get" && (text?.length ?? 0) < longestKept,
      // Files take as long as a slow line needs for them.
      signal: AbortSignal.timeout(20_000 + (text?.length ?? 0) / 50),
    });
  } catch {
    throw new RequestError(0, "unreachable", "");
  }
  if (!response.ok) throw await explain(response);
  return response;
};

/** Sends one request and reads its JSON answer; path, what goes along and what comes back are those of the API's description. */
export const request = async <M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  ...[along]: Rest<M, P>
): Promise<Answered<M, P>> => {
  const given = (along ?? {}) as Loose;
  const response = await send(method, addressOf(path, given), given.body);
  return (await response.json()) as Answered<M, P>;
};

/** Sends one request whose answer has no body worth reading. */
export const perform = async <M extends Method, P extends PathOf<M>>(method: M, path: P, ...[along]: Rest<M, P>): Promise<void> => {
  const given = (along ?? {}) as Loose;
  await send(method, addressOf(path, given), given.body);
};

/** Reads the JSON behind an address that the server gave, or that is no part of the API. */
export const follow = async <T>(address: string): Promise<T> => (await (await send("get", address)).json()) as T;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Sends a file as it is and reads the JSON answer; tells how much of it has left, from 0 to 1. `fetch` cannot tell that. */
export const upload = <P extends PathOf<"post">>(
  path: P,
  query: Queried<Operation<"post", P>>,
  file: Blob,
  onSent: (part: number) => void,
): Promise<Answered<"post", P>> =>
  new Promise((done, failed) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", addressOf(path, { query }));
    sending.setRequestHeader("accept", "application/json");
    sending.setRequestHeader("content-type", "application/octet-stream");
    if (csrf) sending.setRequestHeader("x-rapport-csrf", csrf);
    sending.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 0);
    sending.upload.onload = () => onSent(1);
    sending.onload = () => {
      const body = parsed(sending.responseText);
      if (sending.status >= 200 && sending.status < 300) done(body as Answered<"post", P>);
      else failed(explained(sending.status, sending.statusText, body));
    };
    sending.onerror = () => failed(new RequestError(0, "unreachable", ""));
    sending.send(file);
  });

type Query = Record<string, string | number | null | undefined>;

/** Builds a query string, leaving out what is not set. */
export const withQuery = (path: string, query: Query): string => {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") search.set(key, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
};
