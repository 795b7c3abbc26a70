import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { RequestError } from "../api/client.ts";
import { join } from "../api/endpoints.ts";
import { keys } from "../api/queries.ts";
import { Button } from "../elements/Button.tsx";
import { Field } from "./Field.tsx";
import { Frame } from "./Frame.tsx";

/** Sets a teammate's password with the single-use link they were given, the first one or a new one. */
export const JoinPage = () => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [token] = useState(() => decodeURIComponent(window.location.hash.slice(1)));
  const [password, setPassword] = useState("");
  useEffect(() => {
    if (token) window.history.replaceState(window.history.state, "", window.location.pathname);
  }, [token]);
  const joining = useMutation({
    mutationFn: () => join(token, password),
    onSuccess: async (session) => {
      client.clear();
      if (!session) {
        await navigate({ to: "/sign-in" });
        return;
      }
      client.setQueryData(keys.session, session);
      await navigate({ to: "/inbox/$view", params: { view: "mine" } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    joining.mutate();
  };
  const gone = joining.error instanceof RequestError && joining.error.status === 404;
  if (!token || gone) {
    return (
      <Frame>
        <h1 className="text-28 font-bold tracking-[-0.018em]">{t("session.joinGoneTitle")}</h1>
        <p className="text-14 text-t2">{t("session.joinGone")}</p>
      </Frame>
    );
  }
  return (
    <Frame>
      <h1 className="text-28 font-bold tracking-[-0.018em]">{t("session.joinTitle")}</h1>
      <p className="mb-8 text-14 text-t2">{t("session.joinText")}</p>
      <form onSubmit={submit}>
        <Field
          label={t("session.password")}
          hint={t("session.joinHint")}
          type="password"
          autoComplete="new-password"
          minLength={10}
          required
          autoFocus
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {joining.isError && (
          <p role="alert" className="mb-4 text-danger">
            {joining.error instanceof RequestError && joining.error.message ? joining.error.message : t("session.failed")}
          </p>
        )}
        <Button look="ink" type="submit" disabled={joining.isPending} className="!h-10 w-full !text-14 max-md:!h-11">
          {t("session.joinDo")}
        </Button>
      </form>
    </Frame>
  );
};
