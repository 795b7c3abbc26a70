import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { askForLink } from "../api/endpoints.ts";
import { Button } from "../elements/Button.tsx";
import { EmailField } from "./EmailField.tsx";
import { Frame } from "./Frame.tsx";

/** Asks for a link that sets a new password. Says the same to everybody. */
export const ForgotPage = () => {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const asking = useMutation({ mutationFn: () => askForLink(email.trim()) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    asking.mutate();
  };
  return (
    <Frame>
      <h1 className="text-28 font-bold tracking-[-0.018em]">{t("session.forgotTitle")}</h1>
      {asking.isSuccess ? (
        <p role="status" className="mb-8 text-14 text-t2">
          {t("session.forgotDone", { email: email.trim() })}
        </p>
      ) : (
        <>
          <p className="mb-8 text-14 text-t2">{t("session.forgotText")}</p>
          <form onSubmit={submit}>
            <EmailField value={email} onChange={setEmail} />
            {asking.isError && (
              <p role="alert" className="mb-4 text-danger">
                {t("session.failed")}
              </p>
            )}
            <Button look="ink" type="submit" disabled={asking.isPending} className="!h-10 w-full !text-14 max-md:!h-11">
              {t("session.forgotDo")}
            </Button>
          </form>
        </>
      )}
      <p className="mt-4 text-center">
        <Link to="/sign-in" className="inline-flex min-h-11 items-center rounded-2 px-2 text-accent hover:underline">
          {t("session.backToSignIn")}
        </Link>
      </p>
    </Frame>
  );
};
