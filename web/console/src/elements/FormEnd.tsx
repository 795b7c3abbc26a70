import clsx from "clsx";
import { useTranslation } from "react-i18next";
import { RequestError } from "../api/client.ts";
import { Button } from "./Button.tsx";

interface RefusedProps {
  error: unknown;
  className?: string;
}

/** Why the server did not do it, in its own words where it has some; nothing while all is well. */
export const Refused = ({ error, className = "mb-3" }: RefusedProps) => {
  const { t } = useTranslation();
  if (!error) return null;
  return (
    <p role="alert" className={clsx("text-12 text-danger", className)}>
      {error instanceof RequestError && error.message ? error.message : t("settings.failed")}
    </p>
  );
};

interface FormEndProps {
  /** What the button does, as a verb with its object. */
  save: string;
  busy: boolean;
  onCancel: () => void;
  error?: unknown;
  danger?: boolean;
}

/** The end of a form: what went wrong, the way back, the way on. */
export const FormEnd = ({ save, busy, onCancel, error, danger = false }: FormEndProps) => {
  const { t } = useTranslation();
  return (
    <>
      <Refused error={error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{t("actions.cancel")}</Button>
        <Button look={danger ? "danger" : "ink"} type="submit" disabled={busy}>
          {save}
        </Button>
      </div>
    </>
  );
};
