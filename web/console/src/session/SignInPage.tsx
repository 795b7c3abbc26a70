import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Navigate, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { RequestError } from "../api/client.ts";
import { signIn } from "../api/endpoints.ts";
import { keys, sessionQuery, ssoQuery } from "../api/queries.ts";
import { Button, buttonClass } from "../elements/Button.tsx";
import { EmailField } from "./EmailField.tsx";
import { Field } from "./Field.tsx";
import { Frame } from "./Frame.tsx";

/** Why the identity provider's answer let nobody in, as the server names it in the address. */
const refusals = ["refused", "expired", "unavailable", "unknown", "unverified", "domain", "taken", "slow_down"] as const;

/** The way in through the business's own identity provider, where there is one. */
const SingleSignOn = () => {
  const { t } = useTranslation();
  const { data: sso } = useQuery(ssoQuery);
  const { sso: why } = useSearch({ from: "/sign-in" });
  const refusal = refusals.find((known) => known === why);
  return (
    <>
      {refusal && (
        <p role="alert" className="mb-4 text-danger">
          {t(`sso.${refusal}`)}
        </p>
      )}
      {sso?.url && (
        <>
          <a href={sso.url} className={`${buttonClass("line")} !h-10 w-full !text-14 max-md:!h-11`}>
            {t("sso.signIn", { label: sso.label })}
          </a>
          <p className="my-4 flex items-center gap-3 text-12 text-t3 before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
            {t("sso.or")}
          </p>
        </>
      )}
    </>
  );
};

export const SignInPage = () => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: session } = useQuery(sessionQuery);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const entering = useMutation({
    mutationFn: () => signIn(email.trim(), password, code.trim() || undefined),
    onSuccess: async (entered) => {
      client.setQueryData(keys.session, entered);
      await navigate({ to: "/inbox/$view", params: { view: "escalated" } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    entering.mutate();
  };
  if (session) return <Navigate to="/inbox/$view" params={{ view: "escalated" }} />;
  const problem = entering.error instanceof RequestError ? entering.error : null;
  const refused = problem?.status === 401;
  // Once asked for, the code stays asked for.
  const needsCode = problem?.code === "second_factor" || problem?.code === "wrong_code" || code !== "";
  return (
    <Frame>
      <h1 className="text-28 font-bold tracking-[-0.018em]">{t("session.signInTitle")}</h1>
      <p className="mb-8 text-14 text-t2">{t("session.tagline")}</p>
      <SingleSignOn />
      <form onSubmit={submit}>
        <EmailField value={email} onChange={setEmail} />
        <Field
          label={t("session.password")}
          type="password"
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {needsCode && (
          <Field
            label={t("session.code")}
            hint={t("session.codeHint")}
            name="code"
            autoComplete="one-time-code"
            autoFocus
            required
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
        )}
        {entering.isError && problem?.code !== "second_factor" && (
          <p role="alert" className="mb-4 text-danger">
            {problem?.code === "wrong_code"
              ? t("session.wrongCode")
              : refused
                ? t("session.refused")
                : problem?.status === 429
                  ? t("session.slowDown")
                  : t("session.failed")}
          </p>
        )}
        <Button look="ink" type="submit" disabled={entering.isPending} className="!h-10 w-full !text-14 max-md:!h-11">
          {t("session.signIn")}
        </Button>
        <p className="mt-4 text-center">
          <Link to="/forgot" className="inline-flex min-h-11 items-center rounded-2 px-2 text-accent hover:underline">
            {t("session.forgot")}
          </Link>
        </p>
      </form>
    </Frame>
  );
};
