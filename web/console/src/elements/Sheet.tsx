import clsx from "clsx";
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./Button.tsx";

interface FloatingProps {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
}

/** The keyboard starts at the field that asks for it, or else at the panel itself, not at its close button. */
const focusFirst = (event: Event) => {
  event.preventDefault();
  const panel = event.currentTarget;
  if (!(panel instanceof HTMLElement)) return;
  (panel.querySelector<HTMLElement>("[data-first]") ?? panel).focus();
};

/** A panel that slides over the right edge, full width on a phone. */
export const Sheet = ({ open, onClose, title, children }: FloatingProps) => {
  const { t } = useTranslation();
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fade-in fixed inset-0 z-[60] bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          tabIndex={-1}
          onOpenAutoFocus={focusFirst}
          className="sheet-in fixed inset-y-0 right-0 z-[60] flex w-full max-w-[400px] flex-col border-l border-line bg-s1 shadow-3 outline-none focus-visible:shadow-3"
        >
          <div className="flex h-[52px] flex-none items-center gap-2 border-b border-line pr-3 pl-4">
            <Dialog.Title className="flex-1 truncate text-14 font-semibold">{title}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label={t("actions.close")}>
                <X size={16} aria-hidden="true" />
              </IconButton>
            </Dialog.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
};

/** A dialog in the middle of the page. */
export const Modal = ({ open, onClose, title, children, wide = false }: FloatingProps & { wide?: boolean }) => {
  const { t } = useTranslation();
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fade-in fixed inset-0 z-[60] bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          tabIndex={-1}
          onOpenAutoFocus={focusFirst}
          className={clsx(
            "pop-in fixed top-[12vh] left-1/2 z-[60] max-h-[76vh] w-[calc(100vw-24px)] -translate-x-1/2 overflow-y-auto rounded-4 border border-line bg-overlay p-5 shadow-3 outline-none focus-visible:shadow-3",
            wide ? "max-w-[640px]" : "max-w-[480px]",
          )}
        >
          <div className="mb-3 flex items-center gap-2">
            <Dialog.Title className="flex-1 text-16 font-semibold">{title}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label={t("actions.close")}>
                <X size={16} aria-hidden="true" />
              </IconButton>
            </Dialog.Close>
          </div>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
};
