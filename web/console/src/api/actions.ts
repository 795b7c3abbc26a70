import { type InfiniteData, useMutation, useQueryClient } from "@tanstack/react-query";
import { now } from "../time/clock.ts";
import {
  approveDraft,
  decideAction,
  decideSuggestion,
  eraseCustomer,
  keepCustomer,
  discardDraft,
  mergeCustomers,
  pinFact,
  resendMessage,
  stepConversation,
  undoMerge,
  type ConversationStep,
} from "./endpoints.ts";
import { keys } from "./queries.ts";
import type {
  Conversation,
  ConversationItem,
  ConversationPage,
  ConversationStatus,
  EscalationMark,
  Page,
  Session,
  Teammate,
  TimelineItem,
} from "./types.ts";

const expectedStatus: Partial<Record<ConversationStep["step"], ConversationStatus>> = {
  take: "with_teammate",
  return: "open",
  resolve: "resolved",
  snooze: "snoozed",
};

const expectedMark = { take: "accepted", return: "returned", resolve: "resolved" } as const;

/** An escalation that nobody has ended; a released one waits on top while the AI answers again. */
export const isUnended = (status: EscalationMark["status"]): boolean =>
  status === "open" || status === "accepted" || status === "released";

/** What the conversation will look like once the server agrees. */
export const foresee = <T extends ConversationItem>(
  item: T,
  action: ConversationStep,
  me: { id: string; name: string },
  nameOf: (teammate: string) => string = () => "",
): T => {
  const status = expectedStatus[action.step] ?? item.status;
  const assignee = action.step === "take" ? me : action.step === "return" ? null : item.assignee;
  if (action.step === "assign" && "team" in action) return { ...item, team: action.team ? { id: action.team, name: action.teamName } : null };
  if (action.step === "assign") return { ...item, assignee: action.teammate ? { id: action.teammate, name: nameOf(action.teammate) } : null };
  if (action.step === "tag") {
    const tags = [...new Set([...item.tags, ...action.add])].filter((tag) => !action.remove.includes(tag)).sort();
    return { ...item, tags };
  }
  const mark =
    action.step === "take" || action.step === "return" || action.step === "resolve" ? expectedMark[action.step] : null;
  const escalation = item.escalation && mark ? { ...item.escalation, status: mark } : item.escalation;
  const foreseen: T = { ...item, status, assignee, escalation, unread: false };
  if (mark && "escalations" in foreseen && Array.isArray(foreseen.escalations)) {
    const waiting = (entry: EscalationMark) => isUnended(entry.status);
    foreseen.escalations = foreseen.escalations.map((entry: EscalationMark) =>
      waiting(entry) ? { ...entry, status: mark } : entry,
    );
  }
  return foreseen;
};

const said = (action: ConversationStep, conversation: Conversation, author: string): TimelineItem | null => {
  if (action.step !== "reply" && action.step !== "note") return null;
  return {
    id: `pending-${crypto.randomUUID()}`,
    at: new Date(now()).toISOString(),
    kind: action.step === "note" ? "note" : "message",
    channel: (action.step === "reply" && action.channel) || conversation.channel,
    direction: "out",
    author: "teammate",
    author_name: author,
    text: (action.step === "reply" && action.shown) || action.text || (action.step === "reply" ? (action.files ?? []).map(({ name }) => name).join(", ") : ""),
    turn: null,
    conversation: conversation.id,
    state: null,
    delivery: action.step === "reply" ? "sending" : null,
    delivery_reason: null,
    draft: false,
    send_at: null,
    buttons: [],
    sources: [],
  };
};

/** Acts on one conversation at once on screen, and puts things back when the server refuses. */
export const useConversationStep = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ conversation, action }: { conversation: string; action: ConversationStep }) =>
      stepConversation(conversation, action),
    onMutate: async ({ conversation, action }) => {
      const me = client.getQueryData<Session>(keys.session)?.teammate ?? { id: "", name: "" };
      const team = client.getQueryData<{ items: Teammate[] }>(["teammates"])?.items ?? [];
      const nameOf = (id: string) => team.find((teammate) => teammate.id === id)?.name ?? "";
      await client.cancelQueries({ queryKey: keys.conversation(conversation) });
      const before = client.getQueryData<Conversation>(keys.conversation(conversation));
      if (before) {
        client.setQueryData<Conversation>(keys.conversation(conversation), foresee(before, action, me, nameOf));
        const item = said(action, before, me.name);
        if (item) {
          await client.cancelQueries({ queryKey: keys.timeline(before.customer.id) });
          client.setQueryData<InfiniteData<Page<TimelineItem>>>(keys.timeline(before.customer.id), (data) => {
            const [newest, ...older] = data?.pages ?? [];
            if (!data || !newest) return data;
            return { ...data, pages: [{ ...newest, items: [...newest.items, item] }, ...older] };
          });
        }
      }
      client.setQueriesData<InfiniteData<ConversationPage>>({ queryKey: keys.conversationLists }, (data) =>
        data
          ? {
              ...data,
              pages: data.pages.map((page) => ({
                ...page,
                items: page.items.map((entry) => (entry.id === conversation ? foresee(entry, action, me, nameOf) : entry)),
              })),
            }
          : data,
      );
      return { before };
    },
    onError: (_error, { conversation }, context) => {
      if (context?.before) client.setQueryData(keys.conversation(conversation), context.before);
    },
    onSettled: (_data, _error, { conversation }, context) => {
      void client.invalidateQueries({ queryKey: keys.conversations });
      void client.invalidateQueries({ queryKey: keys.conversation(conversation) });
      if (context?.before) void client.invalidateQueries({ queryKey: keys.timeline(context.before.customer.id) });
    },
  });
};

/** Acts on many conversations, a few at a time; how many the server refused. */
export const useBulkStep = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ conversations, action }: { conversations: readonly string[]; action: ConversationStep }) => {
      let refused = 0;
      const rest = [...conversations];
      const work = async () => {
        for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
          await stepConversation(next, action).catch(() => {
            refused += 1;
          });
        }
      };
      await Promise.all([work(), work(), work(), work()]);
      return refused;
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.conversations });
      void client.invalidateQueries({ queryKey: ["conversation"] });
    },
  });
};

/** What a teammate decides about one message of ours: an AI draft, or one that did not arrive. */
export type MessageVerdict =
  | { verdict: "approve"; message: string; text: string | null }
  | { verdict: "discard"; message: string }
  | { verdict: "resend"; message: string };

export const useMessageVerdict = (customer: string) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (decided: MessageVerdict): Promise<void> => {
      if (decided.verdict === "approve") await approveDraft(decided.message, decided.text);
      else if (decided.verdict === "discard") await discardDraft(decided.message);
      else await resendMessage(decided.message);
    },
    onMutate: async (decided) => {
      await client.cancelQueries({ queryKey: keys.timeline(customer) });
      const change = (item: TimelineItem): TimelineItem[] => {
        if (item.id !== decided.message) return [item];
        if (decided.verdict === "discard") return [];
        const text = decided.verdict === "approve" && decided.text ? decided.text : item.text;
        return [{ ...item, text, draft: false, delivery: "sending", delivery_reason: null }];
      };
      client.setQueryData<InfiniteData<Page<TimelineItem>>>(keys.timeline(customer), (data) =>
        data ? { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.flatMap(change) })) } : data,
      );
    },
    onSettled: () => {
      for (const queryKey of [keys.timeline(customer), keys.conversations, ["conversation"]]) {
        void client.invalidateQueries({ queryKey });
      }
    },
  });
};

/** Approves or declines an action that waits; the customer is told by the server. */
export const useActionVerdict = (customer: string) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ action, verdict }: { action: string; verdict: "approve" | "decline" }) => decideAction(action, verdict),
    onSettled: () => {
      for (const queryKey of [keys.customer(customer), keys.timeline(customer), keys.conversations, ["conversation"]]) {
        void client.invalidateQueries({ queryKey });
      }
    },
  });
};

const useRefreshPeople = () => {
  const client = useQueryClient();
  return () => {
    for (const queryKey of [
      ["customer"],
      ["customers"],
      ["timeline"],
      ["conversations"],
      ["conversation"],
      ["suggestions"],
    ]) {
      void client.invalidateQueries({ queryKey });
    }
  };
};

export const useMerge = () => {
  const refresh = useRefreshPeople();
  return useMutation({
    mutationFn: ({ customer, absorb }: { customer: string; absorb: string }) => mergeCustomers(customer, absorb),
    onSettled: refresh,
  });
};

export const useUndoMerge = () => {
  const refresh = useRefreshPeople();
  return useMutation({ mutationFn: (merge: string) => undoMerge(merge), onSettled: refresh });
};

export const usePinFact = () => {
  const refresh = useRefreshPeople();
  return useMutation({
    mutationFn: ({ customer, predicate, value }: { customer: string; predicate: string; value: string }) =>
      pinFact(customer, predicate, value),
    onSettled: refresh,
  });
};

/** Takes a person away in ten minutes, and takes that back. */
export const useErasing = (customer: string) => {
  const refresh = useRefreshPeople();
  const erase = useMutation({ mutationFn: () => eraseCustomer(customer), onSettled: refresh });
  const keep = useMutation({ mutationFn: () => keepCustomer(customer), onSettled: refresh });
  return { erase, keep };
};

export const useDecideSuggestion = () => {
  const refresh = useRefreshPeople();
  return useMutation({
    mutationFn: ({ id, verdict }: { id: string; verdict: "accept" | "reject" }) => decideSuggestion(id, verdict),
    onSettled: refresh,
  });
};
