import { Popover as Radix } from "radix-ui";
import type { ReactNode } from "react";

interface PopoverProps {
  open: boolean;
  onOpen: (open: boolean) => void;
  trigger: ReactNode;
  label: string;
  children: ReactNode;
  align?: "start" | "center" | "end";
  side?: "top" | "bottom";
}

/** A small panel with fields of its own, hanging from its button. */
export const Popover = ({ open, onOpen, trigger, label, children, align = "end", side = "bottom" }: PopoverProps) => (
  <Radix.Root open={open} onOpenChange={onOpen}>
    <Radix.Trigger asChild>{trigger}</Radix.Trigger>
    <Radix.Portal>
      <Radix.Content
        align={align}
        side={side}
        sideOffset={6}
        collisionPadding={8}
        aria-label={label}
        className="pop-in z-40 w-[268px] rounded-3 border border-line bg-overlay p-1 shadow-2 outline-none focus-visible:shadow-2"
      >
        {children}
      </Radix.Content>
    </Radix.Portal>
  </Radix.Root>
);

interface PickProps {
  icon?: ReactNode;
  hint?: ReactNode;
  checked?: boolean;
  disabled?: boolean;
  onPick: () => void;
  children: ReactNode;
}

/** One choice in such a panel. */
export const Pick = ({ icon, hint, checked, disabled, onPick, children }: PickProps) => (
  <button
    type="button"
    onClick={onPick}
    disabled={disabled ?? false}
    aria-pressed={checked}
    className="flex min-h-8 w-full items-center gap-2 rounded-2 px-2 text-left text-t1 hover:bg-s3 disabled:text-t3 max-md:min-h-11"
  >
    {icon && <span className="grid w-4 flex-none place-items-center text-t2">{icon}</span>}
    <span className="min-w-0 flex-1 truncate">{children}</span>
    {hint && <span className="flex-none text-12 text-t3 tabular-nums">{hint}</span>}
  </button>
);

export const pickField =
  "h-9 w-full rounded-2 border border-line-control bg-s1 px-2.5 outline-none placeholder:text-t3 focus-visible:border-accent max-md:h-11 max-md:text-16";
