import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { RequestError } from "../api/client.ts";
import { setUp } from "../api/endpoints.ts";
import { keys } from "../api/queries.ts";
import { Button } from "../elements/Button.tsx";
import { Field } from "./Field.tsx";
import { Frame } from "./Frame.tsx";

const tokenFromAddress = () => decodeURIComponent(window.location.hash.slice(1));

/** Makes the first owner from the single-use address the server printed. */
export const SetupPage = () => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [token] = useState(tokenFromAddress);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  useEffect(() => {
    if (token) window.history.replaceState(window.history.state, "", window.location.pathname);
  }, [token]);
  const making = useMutation({
    mutationFn: () => setUp({ token, name: name.trim(), email: email.trim(), password }),
    onSuccess: async (session) => {
      client.setQueryData(keys.session, session);
      await navigate({ to: "/start" });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate();
  };
  if (!token) {
    return (
      <Frame>
        <h1 className="text-28 font-bold tracking-[-0.018em]">{t("session.setupMissingTitle")}</h1>
        <p className="text-14 text-t2">{t("session.setupMissing")}</p>
      </Frame>
    );
  }
  const reason =
    making.error instanceof RequestError && making.error.message ? making.error.message : t("session.failed");
  return (
    <Frame>
      <h1 className="text-28 font-bold tracking-[-0.018em]">{t("session.setupTitle")}</h1>
      <p className="mb-8 text-14 text-t2">{t("session.setupText")}</p>
      <form onSubmit={submit}>
        <Field
          label={t("session.name")}
          autoComplete="name"
          autoFocus
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={t("session.email")}
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Field
          label={t("session.password")}
          hint={t("session.passwordHint")}
          type="password"
          autoComplete="new-password"
          minLength={12}
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {making.isError && (
          <p role="alert" className="mb-4 text-danger">
            {reason}
          </p>
        )}
        <Button look="ink" type="submit" disabled={making.isPending} className="!h-10 w-full !text-14 max-md:!h-11">
          {t("session.setupDo")}
        </Button>
      </form>
    </Frame>
  );
};
