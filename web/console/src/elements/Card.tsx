import clsx from "clsx";
import type { ReactNode } from "react";

interface CardProps {
  title: string;
  note?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
  dashed?: boolean;
  className?: string;
}

/** A titled region on paper: one hairline, no shadow. */
export const Card = ({ title, note, action, children, dashed = false, className }: CardProps) => (
  <section
    aria-label={title}
    className={clsx(
      "rounded-3 border bg-s1 p-4",
      dashed ? "border-dashed border-line-strong" : "border-line",
      className,
    )}
  >
    <header className="mb-2 flex min-h-7 items-center gap-2">
      <h2 className="flex-none max-w-full text-14 font-semibold">{title}</h2>
      {note && <span className="min-w-0 truncate text-12 text-t3">{note}</span>}
      {action && <span className="ml-auto flex flex-none items-center gap-2">{action}</span>}
    </header>
    {children}
  </section>
);

/** The frame of a page beside the rail: heading row, then scrolling content. */
export const PageFrame = ({
  title,
  note,
  tools,
  children,
}: {
  title: ReactNode;
  note?: ReactNode;
  tools?: ReactNode;
  children: ReactNode;
}) => (
  <main id="content" className="flex h-full min-h-0 min-w-0 flex-col bg-s0">
    <header className="flex min-h-[52px] flex-none flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-s1 px-5 py-2">
      <h1 className="flex min-w-0 items-center gap-2 text-14 font-semibold">{title}</h1>
      {note && <span className="truncate text-12 text-t3">{note}</span>}
      {tools && <span className="ml-auto flex items-center gap-2">{tools}</span>}
    </header>
    <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={0}>
      <div className="mx-auto max-w-[1180px] p-5 max-md:p-3">{children}</div>
    </div>
  </main>
);
