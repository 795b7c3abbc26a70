import clsx from "clsx";
import type { ButtonHTMLAttributes, ReactNode } from "react";

export const Kbd = ({ children, onInk = false }: { children: ReactNode; onInk?: boolean }) => (
  <kbd
    aria-hidden="true"
    className={clsx(
      "inline-block min-w-[18px] rounded-1 border px-1 text-center font-sans text-11 font-medium max-md:hidden",
      onInk ? "border-current/35 text-inherit" : "border-line bg-s1 text-t3",
    )}
  >
    {children}
  </kbd>
);

const looks = {
  ink: "border-ink bg-ink text-on-ink hover:border-ink-hover hover:bg-ink-hover shadow-1",
  line: "border-line-strong bg-s1 text-t1 hover:bg-s2 shadow-1",
  quiet: "border-transparent text-t2 hover:bg-s2 hover:text-t1",
  danger: "border-line-strong bg-s1 text-danger hover:bg-danger-soft shadow-1",
} as const;

const heights = { m: "h-8 px-3", s: "h-[26px] px-[9px] text-12", l: "h-11 px-4 text-14" } as const;

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof looks;
  height?: keyof typeof heights;
  shortcut?: string;
}

export const buttonClass = (look: keyof typeof looks = "line", height: keyof typeof heights = "m") =>
  clsx(
    "inline-flex items-center justify-center gap-1.5 rounded-2 border font-medium whitespace-nowrap transition-colors duration-[90ms] select-none disabled:cursor-default disabled:opacity-60 max-md:min-h-11",
    looks[look],
    heights[height],
  );

export const Button = ({ look = "line", height = "m", shortcut, className, children, type, ...rest }: ButtonProps) => (
  <button
    type={type ?? "button"}
    className={clsx(buttonClass(look, height), className)}
    aria-keyshortcuts={shortcut}
    {...rest}
  >
    {children}
    {shortcut && <Kbd onInk={look === "ink"}>{shortcut}</Kbd>}
  </button>
);

export interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
}

/** A button that is only an icon; its name is read out and shown on hover. */
export const IconButton = ({ label, className, children, type, ...rest }: IconButtonProps) => (
  <button
    type={type ?? "button"}
    aria-label={label}
    title={label}
    className={clsx(
      "inline-grid size-7 flex-none place-items-center rounded-2 text-t2 transition-colors duration-[90ms] hover:bg-s2 hover:text-t1 disabled:opacity-50 max-md:size-11",
      className,
    )}
    {...rest}
  >
    {children}
  </button>
);
