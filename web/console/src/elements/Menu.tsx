import clsx from "clsx";
import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";

interface MenuProps {
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "center" | "end";
  side?: "top" | "bottom";
}

/** A popover list of actions hanging from its button. */
export const Menu = ({ trigger, children, align = "start", side = "bottom" }: MenuProps) => (
  <DropdownMenu.Root modal={false}>
    <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
    <DropdownMenu.Portal>
      <DropdownMenu.Content
        align={align}
        side={side}
        sideOffset={6}
        collisionPadding={8}
        className="pop-in z-40 min-w-[208px] rounded-3 border border-line bg-overlay p-1 shadow-2"
      >
        {children}
      </DropdownMenu.Content>
    </DropdownMenu.Portal>
  </DropdownMenu.Root>
);

const row =
  "flex min-h-8 cursor-default items-center gap-2 rounded-2 px-2 text-t1 outline-none select-none data-[disabled]:text-t3 focus-visible:shadow-none data-[highlighted]:bg-s3 max-md:min-h-11";

interface MenuItemProps {
  onSelect?: () => void;
  icon?: ReactNode;
  hint?: ReactNode;
  disabled?: boolean;
  checked?: boolean;
  children: ReactNode;
}

export const MenuItem = ({ onSelect, icon, hint, disabled, checked, children }: MenuItemProps) => (
  <DropdownMenu.Item className={row} {...(onSelect ? { onSelect } : {})} disabled={disabled ?? false}>
    {icon && <span className="grid w-4 flex-none place-items-center text-t2">{icon}</span>}
    <span className="min-w-0 flex-1 truncate">{children}</span>
    {hint && <span className="text-12 text-t3">{hint}</span>}
    {checked && <Check size={14} aria-hidden="true" className="text-t2" />}
  </DropdownMenu.Item>
);

export const MenuLabel = ({ children, className }: { children: ReactNode; className?: string }) => (
  <DropdownMenu.Label className={clsx("px-2 pt-2 pb-1 text-11 font-medium text-t3", className)}>
    {children}
  </DropdownMenu.Label>
);

export const MenuLine = () => <DropdownMenu.Separator className="my-1 h-px bg-line" />;
