import { Eye, EyeOff } from "lucide-react";
import { type InputHTMLAttributes, useId, useState } from "react";
import { useTranslation } from "react-i18next";

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string;
}

/** A labelled input; a password can be shown. */
export const Field = ({ label, hint, type = "text", ...rest }: FieldProps) => {
  const { t } = useTranslation();
  const id = useId();
  const [shown, setShown] = useState(false);
  const secret = type === "password";
  return (
    <div className="mb-5">
      <label htmlFor={id} className="mb-1.5 block font-semibold">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          type={secret && shown ? "text" : type}
          aria-describedby={hint ? `${id}-hint` : undefined}
          className="h-10 w-full rounded-2 border border-line-control bg-s1 px-3 text-14 outline-none placeholder:text-t3 focus-visible:border-accent focus-visible:shadow-[0_0_0_3px_var(--accent-soft)] max-md:h-11 max-md:text-16"
          {...rest}
        />
        {secret && (
          <button
            type="button"
            aria-label={shown ? t("session.hidePassword") : t("session.showPassword")}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
            className="absolute inset-y-0 right-0 grid w-10 place-items-center rounded-2 text-t3 hover:text-t1"
          >
            {shown ? <EyeOff size={16} aria-hidden="true" /> : <Eye size={16} aria-hidden="true" />}
          </button>
        )}
      </div>
      {hint && (
        <p id={`${id}-hint`} className="mt-1 text-12 text-t3">
          {hint}
        </p>
      )}
    </div>
  );
};
