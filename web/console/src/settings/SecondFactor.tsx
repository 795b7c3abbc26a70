import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { beginSecondFactor, confirmSecondFactor, endSecondFactor } from "../api/endpoints.ts";
import { sessionQuery, teammatesQuery } from "../api/queries.ts";
import { Button } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { FormEnd, Refused } from "../elements/FormEnd.tsx";
import { Field } from "../session/Field.tsx";
import { OnceShown } from "./OnceShown.tsx";
import { qrShapes } from "./qr.ts";

interface BeginProps {
  secret: string;
  qr: string | null;
  onConfirmed: (codes: string[]) => void;
  onCancel: () => void;
}

const Begin = ({ secret, qr, onConfirmed, onCancel }: BeginProps) => {
  const { t } = useTranslation();
  const shapes = qrShapes(qr);
  const confirm = useMutation({
    mutationFn: (code: string) => confirmSecondFactor(code),
    onSuccess: ({ recovery }) => onConfirmed(recovery),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    confirm.mutate(String(new FormData(event.currentTarget).get("code") ?? "").trim());
  };
  return (
    <form onSubmit={submit} className="mt-2">
      <p className="mb-3 text-t2">{t("second.scan")}</p>
      {shapes && (
        <svg viewBox={shapes.box} role="img" aria-label={t("second.picture")} className="mb-3 size-44 rounded-2 bg-white p-1 text-black">
          <path d={shapes.path} fill="currentColor" />
        </svg>
      )}
      <p className="mb-1 text-12 text-t3">{t("second.byHand")}</p>
      <code className="mb-4 block rounded-1 bg-s2 px-2 py-1.5 font-mono text-12 [overflow-wrap:anywhere] select-all">{secret}</code>
      <Field label={t("second.code")} name="code" inputMode="numeric" autoComplete="one-time-code" required autoFocus maxLength={12} />
      <FormEnd save={t("second.confirm")} busy={confirm.isPending} onCancel={onCancel} error={confirm.error} />
    </form>
  );
};

const End = ({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }) => {
  const { t } = useTranslation();
  const end = useMutation({ mutationFn: (password: string) => endSecondFactor(password), onSuccess: onDone });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    end.mutate(String(new FormData(event.currentTarget).get("password") ?? ""));
  };
  return (
    <form onSubmit={submit} className="mt-2">
      <Field label={t("session.password")} name="password" type="password" autoComplete="current-password" required autoFocus />
      <FormEnd save={t("second.end")} busy={end.isPending} onCancel={onCancel} error={end.error} danger />
    </form>
  );
};

/** A code of an app besides the password, with codes on paper for the day the app is gone. */
export const SecondFactor = ({ on }: { on: boolean }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [step, setStep] = useState<"rest" | "begin" | "end">("rest");
  const [codes, setCodes] = useState<string[] | null>(null);
  const begin = useMutation({ mutationFn: beginSecondFactor, onSuccess: () => setStep("begin") });
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
    await client.invalidateQueries({ queryKey: teammatesQuery.queryKey });
  };
  return (
    <Card title={t("second.title")} note={on ? t("second.on") : t("second.off")}>
      <p className="mb-2 text-t2">{t("second.text")}</p>
      {step === "rest" && !on && (
        <Button onClick={() => begin.mutate()} disabled={begin.isPending}>
          {t("second.begin")}
        </Button>
      )}
      {step === "rest" && on && <Button onClick={() => setStep("end")}>{t("second.end")}</Button>}
      {begin.isError && <Refused error={begin.error} />}
      {step === "begin" && begin.data && (
        <Begin
          secret={begin.data.secret}
          qr={begin.data.qr}
          onCancel={() => setStep("rest")}
          onConfirmed={(recovery) => {
            setCodes(recovery);
            setStep("rest");
            void refresh();
          }}
        />
      )}
      {step === "end" && (
        <End
          onCancel={() => setStep("rest")}
          onDone={() => {
            setStep("rest");
            setCodes(null);
            void refresh();
          }}
        />
      )}
      {codes && <OnceShown text={t("second.recovery")} value={codes.join(" ")} onDone={() => setCodes(null)} />}
    </Card>
  );
};
