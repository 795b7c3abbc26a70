import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { endToken, makeToken } from "../api/endpoints.ts";
import { tokensQuery } from "../api/queries.ts";
import type { Token } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { FormEnd } from "../elements/FormEnd.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { Field } from "../session/Field.tsx";
import { OnceShown } from "./OnceShown.tsx";

const scopes = ["read", "write", "admin", "privacy", "metrics", "mcp"] as const;

export const Tokens = () => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(tokensQuery);
  const [making, setMaking] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: tokensQuery.queryKey });
  const make = useMutation({
    mutationFn: ({ name, rights }: { name: string; rights: Token["scopes"] }) => makeToken(name, rights),
    onSuccess: () => {
      setMaking(false);
      return refresh();
    },
  });
  const end = useMutation({ mutationFn: endToken, onSettled: refresh });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    make.mutate({ name: String(form.get("name") ?? "").trim(), rights: scopes.filter((scope) => form.getAll("scope").includes(scope)) });
  };
  const tokens = query.data?.items ?? [];
  return (
    <Card
      title={t("settings.tokens")}
      note={t("settings.tokensNote")}
      action={
        !making && (
          <Button height="s" onClick={() => setMaking(true)}>
            {t("settings.makeToken")}
          </Button>
        )
      }
    >
      {query.isPending && <SkeletonRows rows={2} avatars={false} />}
      {query.isError && <Failure title={t("settings.failed")} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && tokens.length === 0 && !making && <p className="py-1 text-t2">{t("settings.noTokens")}</p>}
      <ul>
        {tokens.map((token) => (
          <li key={token.id} className="flex items-center gap-3 border-b border-line py-2.5 last:border-b-0">
            <KeyRound size={16} aria-hidden="true" className="flex-none text-t3" />
            <span className="min-w-0 flex-1">
              <span className="block truncate font-semibold">{token.name}</span>
              <span className="block truncate text-12 text-t3">{token.scopes.join(", ")}</span>
            </span>
            <Button height="s" look="danger" onClick={() => end.mutate(token.id)}>
              {t("settings.endToken")}
            </Button>
          </li>
        ))}
      </ul>
      {make.data && !making && <OnceShown text={t("settings.tokenOnce")} value={make.data.token} onDone={() => make.reset()} />}
      {making && (
        <form onSubmit={submit} className="mt-3 border-t border-line pt-4">
          <Field label={t("settings.tokenName")} name="name" required autoFocus autoComplete="off" />
          <fieldset className="mb-5">
            <legend className="mb-1.5 font-semibold">{t("settings.rights")}</legend>
            <div className="grid grid-cols-3 gap-x-4 max-md:grid-cols-2">
              {scopes.map((scope) => (
                <label key={scope} className="flex min-h-8 items-center gap-2 max-md:min-h-11">
                  <input type="checkbox" name="scope" value={scope} defaultChecked={scope === "read"} className="size-4 accent-[var(--accent)]" />
                  {scope}
                </label>
              ))}
            </div>
          </fieldset>
          <FormEnd save={t("settings.makeToken")} busy={make.isPending} onCancel={() => setMaking(false)} error={make.error} />
        </form>
      )}
    </Card>
  );
};
