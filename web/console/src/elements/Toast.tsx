import { Check } from "lucide-react";
import { useTranslation } from "react-i18next";
import { toastSeconds, undoToast, useToast } from "./toast.ts";

export const Toast = () => {
  const { t } = useTranslation();
  const note = useToast();
  return (
    <div role="status" aria-live="polite" className="fixed bottom-4 left-4 z-[80] max-md:right-4 max-md:bottom-20">
      {note && (
        <div
          key={note.id}
          className="toast-in flex h-11 min-w-[320px] items-center gap-3 rounded-3 bg-ink pr-3 pl-4 text-on-ink shadow-3"
        >
          <Check size={15} aria-hidden="true" />
          <span className="flex-1 truncate">{note.text}</span>
          {note.undo && (
            <button
              type="button"
              onClick={undoToast}
              className="flex items-center gap-2 rounded-1 px-1.5 py-1 font-semibold"
              aria-keyshortcuts="Z"
            >
              {t("actions.undo")}
              <kbd className="rounded-1 border border-current/35 px-1 font-sans text-11 font-medium max-md:hidden">
                Z
              </kbd>
              <svg width="16" height="16" viewBox="0 0 16 16" fill="none" aria-hidden="true">
                <circle cx="8" cy="8" r="6" stroke="currentColor" strokeOpacity="0.3" strokeWidth="2" />
                <circle
                  cx="8"
                  cy="8"
                  r="6"
                  stroke="currentColor"
                  strokeWidth="2"
                  strokeDasharray="37.7"
                  transform="rotate(-90 8 8)"
                  className="toast-ring"
                  style={{ animationDuration: `${toastSeconds}s` }}
                />
              </svg>
            </button>
          )}
        </div>
      )}
    </div>
  );
};
