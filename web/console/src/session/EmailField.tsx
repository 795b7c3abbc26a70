import { useTranslation } from "react-i18next";
import { Field } from "./Field.tsx";

/** The address a teammate signs in with. */
export const EmailField = ({ value, onChange }: { value: string; onChange: (value: string) => void }) => {
  const { t } = useTranslation();
  return (
    <Field
      label={t("session.email")}
      type="email"
      name="email"
      autoComplete="username"
      autoFocus
      required
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
};
