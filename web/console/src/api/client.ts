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

type Method = "GET" | "POST" | "PATCH" | "DELETE";

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
  if (method !== "GET" && csrf) headers["x-rapport-csrf"] = csrf;
  const text = body === undefined ? null : JSON.stringify(body);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      body: text,
      // What was done is done, even when the page is left in the same moment.
      keepalive: method !== "GET" && (text?.length ?? 0) < longestKept,
      // Files take as long as a slow line needs for them.
      signal: AbortSignal.timeout(20_000 + (text?.length ?? 0) / 50),
    });
  } catch {
    throw new RequestError(0, "unreachable", "");
  }
  if (!response.ok) throw await explain(response);
  return response;
};

/** Sends one request and reads its JSON answer. */
export const request = async <T>(method: Method, path: string, body?: unknown): Promise<T> => {
  const response = await send(method, path, body);
  return (await response.json()) as T;
};

/** Sends one request whose answer has no body worth reading. */
export const perform = async (method: Method, path: string, body?: unknown): Promise<void> => {
  await send(method, path, body);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Sends a file as it is and reads the JSON answer; tells how much of it has left, from 0 to 1. `fetch` cannot tell that. */
export const upload = <T>(path: string, file: Blob, onSent: (part: number) => void): Promise<T> =>
  new Promise((done, failed) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", path);
    sending.setRequestHeader("accept", "application/json");
    sending.setRequestHeader("content-type", "application/octet-stream");
    if (csrf) sending.setRequestHeader("x-rapport-csrf", csrf);
    sending.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 0);
    sending.upload.onload = () => onSent(1);
    sending.onload = () => {
      const body = parsed(sending.responseText);
      if (sending.status >= 200 && sending.status < 300) done(body as T);
      else failed(explained(sending.status, sending.statusText, body));
    };
    sending.onerror = () => failed(new RequestError(0, "unreachable", ""));
    sending.send(file);
  });

/** Builds a query string, leaving out what is not set. */
export const withQuery = (path: string, query: Record<string, string | number | null | undefined>): string => {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") search.set(key, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
};
