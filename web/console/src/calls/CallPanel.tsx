import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Headphones, PhoneForwarded, PhoneOff, Undo2, UserRound } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { RequestError } from "../api/client.ts";
import { type CallStep, listenToCall, stepCall } from "../api/endpoints.ts";
import { callQuery, keys } from "../api/queries.ts";
import type { Call } from "../api/types.ts";
import { Button, buttonClass } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { Chip } from "../elements/Chip.tsx";
import { pickField, Popover } from "../elements/Popover.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { toast } from "../elements/toast.ts";
import { offerActions } from "../shell/actions.ts";
import { useShortcuts } from "../shell/shortcuts.ts";
import { play } from "./listen.ts";
import { Transcript } from "./Transcript.tsx";
import { callerWords } from "./words.ts";
import { useMayChange } from "../session/may.ts";

/** The number that somebody put a caller through to last, so that it stands there again. */
const ownNumber = "rapport.own-number";

interface ThroughProps {
  call: Call;
  open: boolean;
  onOpen: (open: boolean) => void;
  onThrough: (to: string | null) => void;
}

const Through = ({ call, open, onOpen, onThrough }: ThroughProps) => {
  const { t } = useTranslation();
  const [to, setTo] = useState(() => window.localStorage.getItem(ownNumber) ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const number = to.trim();
    if (!number) return;
    window.localStorage.setItem(ownNumber, number);
    onThrough(number);
  };
  return (
    <Popover
      open={open}
      onOpen={onOpen}
      label={t("calls.putThrough")}
      align="start"
      trigger={
        <button type="button" className={buttonClass("line", "m")} aria-keyshortcuts="T">
          <PhoneForwarded size={15} aria-hidden="true" />
          {t("calls.putThrough")}
        </button>
      }
    >
      <form onSubmit={submit} className="grid gap-2 p-2">
        <label className="grid gap-1 text-12 text-t2">
          {t("calls.toMe")}
          <input type="tel" autoFocus value={to} onChange={(event) => setTo(event.target.value)} placeholder="+33 1 80 00 01 02" className={pickField} />
        </label>
        <Button look="ink" height="s" type="submit" disabled={!to.trim()}>
          {t("calls.ringMe")}
        </Button>
        {call.through_to && (
          <Button height="s" onClick={() => onThrough(null)}>
            {t("calls.ringThem", { to: call.through_to })}
          </Button>
        )}
      </form>
    </Popover>
  );
};

/** One call under way: what is said on it as it is said, and what a person can do. */
export const CallPanel = ({ call }: { call: Call }) => {
  const { t } = useTranslation();
  const client = useQueryClient();
  const whole = useQuery(callQuery(call.id));
  const [words, setWords] = useState("");
  const [ringing, setRinging] = useState(false);
  const [sure, setSure] = useState(false);
  const [hearing, setHearing] = useState(false);
  const stopHearing = useRef<(() => void) | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const said = useRef<HTMLDivElement>(null);
  const caller = callerWords(call, t);
  const taken = call.taken_by !== null;
  const may = useMayChange();
  const act = useMutation({
    mutationFn: (step: CallStep) => stepCall(call.id, step),
    onError: (error) => toast(error instanceof RequestError && error.message ? error.message : t("states.unreachable")),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.calls });
      void client.invalidateQueries({ queryKey: keys.call(call.id) });
    },
  });
  const take = () => act.mutate({ step: taken ? "return" : "take" });
  const hangUp = () => (sure ? act.mutate({ step: "hang_up" }) : setSure(true));
  const write = () => field.current?.focus();
  const send = () => {
    const text = words.trim();
    if (!text || act.isPending) return;
    act.mutate({ step: taken ? "say" : "whisper", text }, { onSuccess: () => {
      setWords("");
      if (!taken) toast(t("calls.whispered"));
    } });
  };
  useShortcuts(may ? { a: taken ? undefined : take, r: taken ? take : undefined, c: write, t: () => setRinging(true) } : {});
  useEffect(() =>
    offerActions(!may ? [] : [
      { id: "call-take", label: taken ? t("calls.return") : t("calls.take"), icon: taken ? Undo2 : UserRound, key: taken ? "R" : "A", run: take },
      { id: "call-through", label: t("calls.putThrough"), icon: PhoneForwarded, key: "T", run: () => setRinging(true) },
      { id: "call-end", label: t("calls.hangUp"), icon: PhoneOff, run: () => setSure(true) },
    ]),
  );
  const listen = async () => {
    if (stopHearing.current) return stopHearing.current();
    try {
      const { path } = await listenToCall(call.id);
      setHearing(true);
      stopHearing.current = play(path, () => {
        stopHearing.current = null;
        setHearing(false);
      });
    } catch (error) {
      toast(error instanceof RequestError && error.message ? error.message : t("states.unreachable"));
    }
  };
  useEffect(() => () => stopHearing.current?.(), []);
  const lines = whole.data?.transcript ?? [];
  const length = lines.length;
  useEffect(() => {
    const box = said.current;
    if (box && length > 0) box.scrollTop = box.scrollHeight;
  }, [length]);
  return (
    <Card
      title={caller}
      note={call.name ? call.caller : null}
      action={
        <>
        {may && call.carried_by !== "relay" && (
          <Button height="s" aria-pressed={hearing} disabled={!call.connected} onClick={() => void listen()}>
            <Headphones size={14} aria-hidden="true" />
            {t(hearing ? "calls.stopListening" : "calls.listen")}
          </Button>
        )}
        <Link to="/inbox/$view/$conversation" params={{ view: "all", conversation: call.conversation }} className={buttonClass("quiet", "s")}>
          {t("calls.openThread")}
        </Link>
        </>
      }
    >
      <div className="mb-3 flex flex-wrap items-center gap-1.5">
        <Chip tone={call.attestation === "full" ? "ok" : call.attestation === "failed" ? "danger" : "plain"}>{t(`calls.attestation.${call.attestation}`)}</Chip>
        <Chip>{t(`calls.carried.${call.carried_by}`)}</Chip>
        {call.recording && <Chip tone="danger">{t("calls.recorded")}</Chip>}
        {!call.connected && call.state === "live" && <Chip tone="warn">{t("calls.noLine")}</Chip>}
        {taken && <Chip tone="accent">{t("calls.with", { name: call.taken_by })}</Chip>}
      </div>
      <div
        ref={said}
        role="log"
        aria-live="polite"
        aria-label={t("calls.transcriptOf", { name: caller })}
        tabIndex={0}
        className="max-h-[46vh] min-h-24 overflow-y-auto rounded-2 border border-line bg-s0 p-2"
      >
        {whole.isPending && <SkeletonRows rows={2} avatars={false} />}
        {whole.isError && !whole.data && <Failure title={t("calls.failed")} error={whole.error} onRetry={() => void whole.refetch()} />}
        {whole.data && lines.length === 0 && <p className="p-3 text-center text-t3">{t(call.state === "ringing" ? "calls.ringsYet" : "calls.nothingYet")}</p>}
        <Transcript lines={lines} caller={caller} />
      </div>
      {may && (
        <form
          className="mt-3 grid gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <textarea
            ref={field}
            rows={2}
            value={words}
            maxLength={1_000}
            disabled={!call.connected}
            aria-label={t(taken ? "calls.sayLabel" : "calls.whisperLabel")}
            placeholder={t(taken ? "calls.sayHint" : "calls.whisperHint")}
            onChange={(event) => setWords(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
              if (event.key === "Escape") event.currentTarget.blur();
            }}
            className="field-sizing-content max-h-40 min-h-14 w-full resize-none rounded-2 border border-line-control bg-s1 px-3 py-2 outline-none placeholder:text-t3 focus-visible:border-accent disabled:opacity-60 max-md:text-16"
          />
          <div className="flex flex-wrap items-center gap-2 max-md:grid max-md:grid-cols-2">
            <Button look={taken ? "ink" : "line"} type="submit" disabled={!words.trim() || !call.connected}>
              {t(taken ? "calls.say" : "calls.whisper")}
            </Button>
            <Button look={taken ? "line" : "ink"} shortcut={taken ? "R" : "A"} disabled={!call.connected} onClick={take}>
              {t(taken ? "calls.return" : "calls.take")}
            </Button>
            <span className="flex-1 max-md:hidden" />
            <Through
              call={call}
              open={ringing}
              onOpen={setRinging}
              onThrough={(to) => {
                setRinging(false);
                act.mutate(to === null ? { step: "put_through" } : { step: "put_through", to });
              }}
            />
            <Button look="danger" onClick={hangUp} onBlur={() => setSure(false)}>
              <PhoneOff size={15} aria-hidden="true" />
              {t(sure ? "calls.reallyHangUp" : "calls.hangUp")}
            </Button>
          </div>
        </form>
      )}
    </Card>
  );
};
