import { type InfiniteData, type QueryClient, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { AlarmClock, Check, CornerUpLeft, Hand, Merge, Sparkles, StickyNote, Tag, UserPlus, UserRound, X } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { isUnended, useConversationStep, useMessageVerdict } from "../api/actions.ts";
import type { ConversationStep } from "../api/endpoints.ts";
import { useOthersAt, usePlace } from "../api/presence.ts";
import { conversationQuery, customerQuery, keys, sessionQuery, timelineQuery } from "../api/queries.ts";
import type { Conversation, ConversationItem, ConversationPage } from "../api/types.ts";
import { CustomerCard } from "../customer/CustomerCard.tsx";
import { phoneOf } from "../customer/facts.ts";
import { IconButton } from "../elements/Button.tsx";
import { useThreePanes } from "../elements/media.ts";
import { Sheet } from "../elements/Sheet.tsx";
import { Failure, SkeletonRows } from "../elements/States.tsx";
import { toast } from "../elements/toast.ts";
import { BriefCard } from "../escalation/BriefCard.tsx";
import type { InboxView } from "../inbox/views.ts";
import { offerActions, type ScreenAction } from "../shell/actions.ts";
import { useShortcuts } from "../shell/shortcuts.ts";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { TurnInspector } from "../turn/TurnInspector.tsx";
import { type Attached, written } from "./attach.ts";
import type { Judge } from "./Bubble.tsx";
import { Composer, type ComposerMode, type Said } from "./Composer.tsx";
import { Header, type Picking } from "./Header.tsx";
import { holdSeconds } from "./hold.ts";
import { MergeTalks } from "./MergeTalks.tsx";
import { Thread } from "./Thread.tsx";
import { useMayChange } from "../session/may.ts";

interface PaneProps {
  id: string;
  view: InboxView;
  /** What the list already knows, shown until the whole conversation is there. */
  seed: ConversationItem | undefined;
  /** Moves on to the next conversation and says whose it is. */
  onDone: () => string | null;
}

const fromSeed = (seed: ConversationItem | undefined): Conversation | undefined =>
  seed && { ...seed, connection: "", escalations: [], window: { channel: seed.channel, open: true, closes_at: null }, doors: [] };

/** Tags that the lists at hand show, to be offered again. */
const knownTags = (client: QueryClient): string[] => {
  const lists = client.getQueriesData<InfiniteData<ConversationPage>>({ queryKey: keys.conversationLists });
  const tags = lists.flatMap(([, data]) => data?.pages.flatMap((page) => page.items.flatMap((item) => item.tags)) ?? []);
  return [...new Set(tags)].sort();
};

/** One customer's thread with its brief, composer and side panel. */
export const ConversationPane = ({ id, view, seed, onDone }: PaneProps) => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const threePanes = useThreePanes();
  const [side, setSide] = useState<boolean | null>(null);
  const [mode, setMode] = useState<ComposerMode>("reply");
  const [focusWish, setFocusWish] = useState(0);
  const [refill, setRefill] = useState<{ text: string; files: Attached[]; count: number }>({ text: "", files: [], count: 0 });
  const [picking, setPicking] = useState<Picking>(null);
  const [mergingTalks, setMergingTalks] = useState(false);
  const [typing, setTyping] = useState(false);
  const { data: session } = useQuery(sessionQuery);
  const moment = useMoment();
  const placeholder = useMemo(() => fromSeed(seed), [seed]);
  const query = useQuery({ ...conversationQuery(id), ...(placeholder ? { placeholderData: placeholder } : {}) });
  const step = useConversationStep();
  const conversation = query.data;
  const verdict = useMessageVerdict(conversation?.customer.id ?? "");
  const customerId = conversation?.customer.id;
  const timeline = useInfiniteQuery({ ...timelineQuery(customerId ?? ""), enabled: customerId !== undefined });
  const lastTurn = timeline.data?.pages[0]?.items.findLast((item) => item.turn !== null)?.turn ?? null;

  const drafts = timeline.data?.pages.flatMap((page) => page.items).filter((item) => item.draft && item.conversation === id) ?? [];
  const draft = drafts[0];
  const [rewording, setRewording] = useState<string | null>(null);

  const turn = search.turn ?? null;
  const jumpTo = search.message ?? null;
  const show = (next: { turn?: string | undefined; message?: string | undefined }) =>
    void navigate({
      to: "/inbox/$view/$conversation",
      params: { view, conversation: id },
      search: next,
      replace: true,
    });
  const explain = (next: string) => show({ turn: next });
  const showMessage = (message: string) => {
    show({ message, turn: turn ?? undefined });
    if (!threePanes) setSide(false);
  };

  const may = useMayChange();
  const me = session?.teammate.id;
  const mine = conversation?.status === "with_teammate" && conversation.assignee?.id === me;
  const escalation = conversation?.escalations.find(({ status }) => isUnended(status));
  const name = conversation?.customer.name ?? t("customer.nameless");
  const isUrgent = escalation?.way === "urgent";
  const { data: customer } = useQuery({ ...customerQuery(conversation?.customer.id ?? ""), enabled: isUrgent && conversation !== undefined });
  usePlace(id, typing, me !== undefined);
  const others = useOthersAt(id, me);
  const client = useQueryClient();

  const act = (action: ConversationStep) => step.mutate({ conversation: id, action });
  const take = () => {
    if (mine) return;
    act({ step: "take" });
    setMode("reply");
    setFocusWish((wish) => wish + 1);
    toast(t("toast.taken", { name }), () => act({ step: "return" }));
  };
  const giveBack = () => {
    if (!conversation || (conversation.status === "open" && !escalation)) return;
    act({ step: "return" });
    toast(t("toast.returned", { name }), () => act({ step: "take" }));
  };
  const resolve = () => {
    if (!conversation || conversation.status === "resolved") return;
    const wasMine = mine;
    act({ step: "resolve" });
    const next = onDone();
    toast(next ? t("toast.resolvedNext", { name: next }) : t("toast.resolved"), () => {
      act({ step: wasMine ? "take" : "return" });
      void navigate({ to: "/inbox/$view/$conversation", params: { view, conversation: id } });
    });
  };
  const snooze = (until: Date) => {
    const wasMine = mine;
    act({ step: "snooze", until: until.toISOString() });
    toast(t("toast.snoozed", { name }), () => act({ step: wasMine ? "take" : "return" }));
  };
  const assign = (teammate: string | null) => {
    const before = conversation?.assignee?.id ?? null;
    act({ step: "assign", teammate });
    toast(t(teammate ? "toast.assigned" : "toast.unassigned", { name }), () => act({ step: "assign", teammate: before }));
  };
  const giveToTeam = (team: { id: string; name: string } | null) => {
    const before = conversation?.team ?? null;
    const step = (to: { id: string; name: string } | null) => act({ step: "assign", team: to?.id ?? null, teamName: to?.name ?? "" });
    step(team);
    toast(t(team ? "toast.toTeam" : "toast.toEverybody", { name, team: team?.name ?? "" }), () => step(before));
  };
  const tag = (add: string[], remove: string[]) => act({ step: "tag", add, remove });
  const mergeTalks = (absorb: string) => {
    act({ step: "merge", absorb });
    toast(t("toast.talksMerged"));
  };
  const split = (from: string) =>
    step.mutate(
      { conversation: id, action: { step: "split", from } },
      {
        onSuccess: (made) => {
          toast(t("toast.talkSplit"), () => act({ step: "merge", absorb: made.id }));
          void navigate({ to: "/inbox/$view/$conversation", params: { view: "all", conversation: made.id } });
        },
      },
    );
  const send = async (said: Said) => {
    if (said.mode === "note") {
      act({ step: "note", text: said.text, mentions: said.mentions });
      return;
    }
    if (said.template) {
      const { template, text, channel, connection } = said;
      step.mutate(
        { conversation: id, action: { step: "reply", text: "", shown: text, template, ...(channel ? { channel } : {}), ...(connection ? { connection } : {}) } },
        { onSuccess: () => toast(t("toast.templateSent")) },
      );
      return;
    }
    const afterwards = () => said.canned && step.mutate({ conversation: id, action: { step: "run", canned: said.canned.id } }, { onSuccess: () => toast(t("canned.ran", { name: said.canned?.name ?? "" })) });
    if (said.text === "" && said.files.length === 0) {
      afterwards();
      return;
    }
    const hold = said.at ? 0 : holdSeconds();
    const files = await Promise.all(said.files.map(written)).catch(() => null);
    if (!files) {
      toast(t("toast.unreadable"));
      rewrite(said.text, []);
      return;
    }
    const action: ConversationStep = {
      step: "reply",
      text: said.text,
      ...(files.length > 0 ? { files } : {}),
      ...(said.channel ? { channel: said.channel } : {}),
      ...(said.connection ? { connection: said.connection } : {}),
      ...(said.at ? { at: said.at.toISOString() } : hold > 0 ? { hold_s: hold } : {}),
    };
    step.mutate(
      { conversation: id, action },
      {
        onSuccess: (after) => {
          afterwards();
          const messages = after.messages ?? [];
          if (messages.length === 0 || (hold === 0 && !said.at)) return;
          const when = said.at ? dayAndTime(said.at.toISOString(), moment) : "";
          toast(said.at ? t("toast.later", { when }) : t("toast.leaving", { count: hold }), () => {
            for (const message of messages) verdict.mutate({ verdict: "discard", message });
            rewrite(said.text, said.files);
          });
        },
      },
    );
  };
  const approve = (message: string, text: string | null) => {
    setRewording(null);
    verdict.mutate({ verdict: "approve", message, text });
    toast(t("toast.approved", { name }));
  };
  const discard = (message: string) => {
    setRewording(null);
    verdict.mutate({ verdict: "discard", message });
    toast(t("toast.discarded"));
  };
  const judge: Judge = {
    rewording,
    reword: setRewording,
    approve,
    discard,
    resend: (message) => verdict.mutate({ verdict: "resend", message }),
  };
  const compose = (next: ComposerMode) => {
    setMode(next);
    setFocusWish((wish) => wish + 1);
  };
  const rewrite = (text: string, files: Attached[] = []) => {
    setRefill((before) => ({ text, files, count: before.count + 1 }));
    compose("reply");
  };
  const openSnooze = () => setPicking("snooze");
  const sideOpen = side ?? threePanes;
  const toggleSide = () => setSide(!sideOpen);

  const changes = {
    a: take,
    r: giveBack,
    e: resolve,
    h: openSnooze,
    c: () => compose("reply"),
    n: () => compose("note"),
    y: draft ? () => approve(draft.id, null) : undefined,
    d: draft ? () => discard(draft.id) : undefined,
    w: draft ? () => setRewording(draft.id) : undefined,
    g: () => setPicking("assign"),
    l: () => setPicking("tag"),
  };
  useShortcuts({
    ...(may ? changes : {}),
    "]": toggleSide,
    i: lastTurn ? () => explain(lastTurn) : undefined,
    escape: turn ? () => show({}) : undefined,
  });

  const deeds: ScreenAction[] = [
    { id: "take", label: t("actions.takeOver"), icon: Hand, key: "A", run: take },
    { id: "return", label: t("actions.returnToAi"), icon: CornerUpLeft, key: "R", run: giveBack },
    { id: "resolve", label: t("actions.resolve"), icon: Check, key: "E", run: resolve },
    { id: "note", label: t("composer.addNote"), icon: StickyNote, key: "N", run: () => compose("note") },
    { id: "snooze", label: t("actions.snooze"), icon: AlarmClock, key: "H", run: openSnooze, at: snooze },
    { id: "assign", label: t("filing.assign"), icon: UserPlus, key: "G", run: () => setPicking("assign") },
    { id: "tags", label: t("filing.tags"), icon: Tag, key: "L", run: () => setPicking("tag") },
    { id: "merge", label: t("filing.merge"), icon: Merge, run: () => setMergingTalks(true) },
  ];
  const actions: ScreenAction[] = [
    ...(may ? deeds : []),
    ...(lastTurn
      ? [{ id: "explain", label: t("actions.explainLast"), icon: Sparkles, key: "I", run: () => explain(lastTurn) }]
      : []),
    {
      id: "person",
      label: t("actions.openPerson"),
      icon: UserRound,
      run: () => customerId && void navigate({ to: "/people/$customer", params: { customer: customerId } }),
    },
  ];
  useEffect(() => offerActions(actions));

  if (query.isError && !conversation) {
    return (
      <main id="content" className="min-w-0 flex-1 bg-s1">
        <Failure title={t("thread.failed")} error={query.error} onRetry={() => void query.refetch()} />
      </main>
    );
  }
  if (!conversation) {
    return (
      <main id="content" className="min-w-0 flex-1 bg-s1">
        <SkeletonRows rows={4} avatars={false} />
      </main>
    );
  }

  const panel = turn ? (
    <TurnInspector id={turn} onShowMessage={showMessage} />
  ) : (
    <CustomerCard id={conversation.customer.id} conversation={conversation.id} summary={conversation.summary} onShowMessage={showMessage} />
  );
  const panelTitle = turn ? t("turn.title") : t("customer.title");
  const failure = step.isError ? step.error : verdict.isError ? verdict.error : null;

  return (
    <>
      <main id="content" className="flex min-h-0 min-w-0 flex-1 flex-col bg-s1">
        <Header
          item={conversation}
          view={view}
          mine={mine}
          escalated={escalation !== undefined}
          sideShown={sideOpen}
          me={me}
          others={others}
          picking={picking}
          onPicking={setPicking}
          knownTags={knownTags(client)}
          onAssign={assign}
          onTeam={giveToTeam}
          onTag={tag}
          onMergeTalks={() => setMergingTalks(true)}
          onTake={take}
          onReturn={giveBack}
          onResolve={resolve}
          onSnooze={snooze}
          onSide={toggleSide}
        />
        {escalation && (
          <div className="flex flex-none flex-col px-5 pt-3 max-md:px-3">
            <BriefCard
              escalation={escalation}
              phone={isUrgent ? phoneOf(customer) : null}
              team={conversation.team?.name ?? null}
              acceptedBy={conversation.assignee?.name ?? null}
              mine={mine}
              onAccept={take}
              onReturn={giveBack}
              onShowMessage={showMessage}
            />
          </div>
        )}
        <Thread
          conversation={id}
          customer={conversation.customer.id}
          name={name}
          escalations={conversation.escalations}
          jumpTo={jumpTo}
          onExplain={explain}
          onRewrite={(text) => rewrite(text)}
          onSplit={may ? split : null}
          judge={may ? judge : null}
        />
        <div className="flex flex-none flex-col px-5 pt-1 pb-3 max-md:px-3">
          {may ? (
            <Composer
              conversation={conversation}
              mine={mine}
              mode={mode}
              onMode={setMode}
              focusWish={focusWish}
              refill={refill}
              error={failure}
              writer={others.find((here) => here.typing)?.name ?? null}
              onTake={take}
              onSend={(said) => void send(said)}
              onTyping={setTyping}
            />
          ) : (
            <p role="status" className="mx-auto w-full max-w-[760px] rounded-3 border border-line bg-s2 px-3.5 py-2.5 text-t2">
              {t("reading.thread")}
            </p>
          )}
        </div>
      </main>
      <MergeTalks
        conversation={conversation}
        open={mergingTalks}
        onClose={() => setMergingTalks(false)}
        onMerge={mergeTalks}
      />
      {threePanes ? (
        (sideOpen || turn) && (
          <aside
            aria-label={panelTitle}
            className={clsx(
              "flex min-h-0 flex-none flex-col border-l border-line bg-s0",
              turn ? "w-[344px]" : "w-[304px]",
            )}
          >
            <div className="flex h-[52px] flex-none items-center gap-2 border-b border-line bg-s1 pr-2.5 pl-4">
              <h2 className="flex-1 truncate text-14 font-semibold">{panelTitle}</h2>
              {turn && (
                <IconButton label={t("actions.close")} onClick={() => show({})}>
                  <X size={16} aria-hidden="true" />
                </IconButton>
              )}
            </div>
            <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={0} role="region" aria-label={panelTitle}>
              {panel}
            </div>
          </aside>
        )
      ) : (
        <Sheet
          open={turn !== null || side === true}
          title={panelTitle}
          onClose={() => {
            setSide(false);
            if (turn) show({});
          }}
        >
          {panel}
        </Sheet>
      )}
    </>
  );
};
