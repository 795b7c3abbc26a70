import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MoreHorizontal } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { changeTeammate, dropSecondFactor, dropTeammate, inviteTeammate, makeEntryLink, unlinkSso } from "../api/endpoints.ts";
import { usePresence } from "../api/presence.ts";
import { teammatesQuery } from "../api/queries.ts";
import type { Session, Teammate } from "../api/types.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { Button, IconButton } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { Chip } from "../elements/Chip.tsx";
import { FormEnd, Refused } from "../elements/FormEnd.tsx";
import { Menu, MenuItem, MenuLabel, MenuLine } from "../elements/Menu.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { Field } from "../session/Field.tsx";
import { OnceShown } from "./OnceShown.tsx";

const roles = ["owner", "admin", "teammate", "analyst"] as const;
const isRole = (text: string): text is (typeof roles)[number] => roles.some((role) => role === text);

interface InviteProps {
  onLink: (name: string, link: string) => void;
  onDone: () => void;
}

const Invite = ({ onLink, onDone }: InviteProps) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const invite = useMutation({
    mutationFn: inviteTeammate,
    onSuccess: async ({ name, link }) => {
      onLink(name, link);
      onDone();
      await client.invalidateQueries({ queryKey: teammatesQuery.queryKey });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const role = text("role");
    if (isRole(role)) invite.mutate({ name: text("name"), email: text("email"), role });
  };
  return (
    <form onSubmit={submit} className="mt-3 border-t border-line pt-4">
      <Field label={t("settings.name")} name="name" required autoFocus autoComplete="off" />
      <Field label={t("session.email")} name="email" type="email" required autoComplete="off" />
      <label className="mb-5 block">
        <span className="mb-1.5 block font-semibold">{t("settings.role")}</span>
        <select
          name="role"
          defaultValue="teammate"
          className="h-10 w-full rounded-2 border border-line-control bg-s1 px-2 text-14 max-md:h-11 max-md:text-16"
        >
          {roles.map((role) => (
            <option key={role} value={role}>
              {t(`role.${role}`)}: {t(`roleMeaning.${role}`)}
            </option>
          ))}
        </select>
      </label>
      <FormEnd save={t("settings.invite")} busy={invite.isPending} onCancel={onDone} error={invite.error} />
    </form>
  );
};

interface RowProps {
  teammate: Teammate;
  me: Session["teammate"] | undefined;
  may: boolean;
  here: boolean;
  onChange: (change: { role?: Teammate["role"]; away?: boolean }) => void;
  onLink: () => void;
  onLost: () => void;
  onUnlink: () => void;
  onDrop: () => void;
}

const Row = ({ teammate, me, may, here, onChange, onLink, onLost, onUnlink, onDrop }: RowProps) => {
  const { t } = useTranslation();
  const self = teammate.id === me?.id;
  const state = teammate.invited ? "invited" : teammate.away ? "away" : here ? "here" : null;
  return (
    <li className="flex items-center gap-3 border-b border-line py-2.5 last:border-b-0">
      <Avatar name={teammate.name} size="m" teammate />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-semibold">{self ? t("filing.me", { name: teammate.name }) : teammate.name}</span>
        <span className="block truncate text-12 text-t3">{teammate.email}</span>
      </span>
      {teammate.sso && <Chip>{t("sso.linked")}</Chip>}
      {state && <Chip tone={state === "invited" ? "warn" : "plain"}>{t(`team.${state}`)}</Chip>}
      <Chip>{isRole(teammate.role) ? t(`role.${teammate.role}`) : teammate.role}</Chip>
      {(may || self) && (
        <Menu
          align="end"
          trigger={
            <IconButton label={t("settings.manage", { name: teammate.name })}>
              <MoreHorizontal size={16} aria-hidden="true" />
            </IconButton>
          }
        >
          <MenuItem onSelect={() => onChange({ away: !teammate.away })}>
            {t(teammate.away ? "settings.back" : "settings.leave")}
          </MenuItem>
          {may && <MenuItem onSelect={onLink}>{t("settings.newLink")}</MenuItem>}
          {may && !self && teammate.second_factor && <MenuItem onSelect={onLost}>{t("second.drop")}</MenuItem>}
          {may && teammate.sso && <MenuItem onSelect={onUnlink}>{t("sso.unlink")}</MenuItem>}
          {may && !self && (
            <>
              <MenuLabel>{t("settings.role")}</MenuLabel>
              {roles.map((role) => (
                <MenuItem key={role} checked={teammate.role === role} onSelect={() => onChange({ role })}>
                  {t(`role.${role}`)}
                </MenuItem>
              ))}
              <MenuLine />
              <MenuItem onSelect={onDrop}>{t("settings.drop")}</MenuItem>
            </>
          )}
        </Menu>
      )}
    </li>
  );
};

/** Who works here, with which role, and who is here now. */
export const Teammates = ({ may, me }: { may: boolean; me: Session["teammate"] | undefined }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(teammatesQuery);
  const presence = usePresence();
  const [inviting, setInviting] = useState(false);
  const [link, setLink] = useState<{ name: string; value: string } | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: teammatesQuery.queryKey });
  const change = useMutation({
    mutationFn: ({ id, ...what }: { id: string; role?: Teammate["role"]; away?: boolean }) => changeTeammate(id, what),
    onSettled: refresh,
  });
  const drop = useMutation({ mutationFn: dropTeammate, onSettled: refresh });
  const renew = useMutation({
    mutationFn: (teammate: Teammate) => makeEntryLink(teammate.id),
    onSuccess: (made, { name }) => setLink({ name, value: made.link }),
  });
  const lost = useMutation({ mutationFn: dropSecondFactor, onSettled: refresh });
  const unlink = useMutation({ mutationFn: unlinkSso, onSettled: refresh });
  const refused = [change, drop, renew, lost, unlink].find(({ isError }) => isError)?.error;
  return (
    <Card
      title={t("settings.teammates")}
      action={
        may &&
        !inviting && (
          <Button height="s" onClick={() => setInviting(true)}>
            {t("settings.inviteTeammate")}
          </Button>
        )
      }
    >
      {query.isPending && <SkeletonRows rows={2} />}
      {query.isError && <Failure title={t("settings.failed")} error={query.error} onRetry={() => void query.refetch()} />}
      <ul>
        {query.data?.items.map((teammate) => (
          <Row
            key={teammate.id}
            teammate={teammate}
            me={me}
            may={may}
            here={presence.some((here) => here.teammate === teammate.id)}
            onChange={(what) => change.mutate({ id: teammate.id, ...what })}
            onLink={() => renew.mutate(teammate)}
            onLost={() => lost.mutate(teammate.id)}
            onUnlink={() => unlink.mutate(teammate.id)}
            onDrop={() => drop.mutate(teammate.id)}
          />
        ))}
      </ul>
      {refused ? <Refused error={refused} /> : null}
      {link && (
        <OnceShown text={t("settings.linkOnce", { name: link.name })} value={link.value} onDone={() => setLink(null)} />
      )}
      {inviting && (
        <Invite onLink={(name, value) => setLink({ name, value })} onDone={() => setInviting(false)} />
      )}
    </Card>
  );
};
