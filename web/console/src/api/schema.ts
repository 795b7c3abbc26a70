/** Made from server/openapi.json by `npm run types -w console`; never written by hand. */

export interface paths {
  "/api/v1/actions": {
    /** What waits for a teammate's approval, oldest first. */
    get: operations["getActions"];
  };
  "/api/v1/actions/{id}/approve": {
    /** Has it done; the customer is told. */
    post: operations["postActionsApprove"];
  };
  "/api/v1/actions/{id}/decline": {
    /** Leaves it undone; the customer is told. */
    post: operations["postActionsDecline"];
  };
  "/api/v1/alerts": {
    /** What the asking teammate should know, newest first. */
    get: operations["getAlerts"];
  };
  "/api/v1/alerts/ways": {
    /** By which ways the team is told besides the console, and how each did last. */
    get: operations["getAlertsWays"];
  };
  "/api/v1/alerts/ways/{id}/test": {
    /** Tells by one way that this is a test; a letter goes to whoever asks. */
    post: operations["postAlertsWaysTest"];
  };
  "/api/v1/analytics": {
    /** The reports that can be asked for. */
    get: operations["getAnalytics"];
  };
  "/api/v1/analytics/{report}": {
    /** A report over days of the business: figures and tables, each with the conversations behind it. */
    get: operations["getAnalyticsById"];
  };
  "/api/v1/analytics/{report}/conversations": {
    /** The conversations behind a figure, the latest day first. */
    get: operations["getAnalyticsConversations"];
  };
  "/api/v1/attachments/{id}": {
    /** A file that came with a message, as a download under the type that its bytes have. */
    get: operations["getAttachmentsById"];
  };
  "/api/v1/audit": {
    /** Who looked at whose record and who changed what, newest first. */
    get: operations["getAudit"];
  };
  "/api/v1/audit/check": {
    /** Looks through the whole audit log: is every entry what was written, and is none missing? */
    get: operations["getAuditCheck"];
  };
  "/api/v1/calls": {
    /** Phone calls that have not ended, oldest first. */
    get: operations["getCalls"];
    /** Rings a customer who has agreed to it, and opens with where things stand. Refused at night, twice a day, and to whom it was told not to call; never for advertising. */
    post: operations["postCalls"];
  };
  "/api/v1/calls/{id}": {
    /** A phone call, under way or over: what was said, what of it was heard, and where the time of each turn went. */
    get: operations["getCallsById"];
  };
  "/api/v1/calls/{id}/hang_up": {
    /** Ends a phone call. */
    post: operations["postCallsHang_up"];
  };
  "/api/v1/calls/{id}/listen": {
    /** A key to hear the call with, once and within a minute: a WebSocket at `path` brings both sides as µ-law, 8000 samples a second, theirs and ours in turn. */
    post: operations["postCallsListen"];
  };
  "/api/v1/calls/{id}/put_through": {
    /** Puts the caller through to a person: to this number, or where the connection says. */
    post: operations["postCallsPut_through"];
  };
  "/api/v1/calls/{id}/return": {
    /** The assistant speaks on the call again; the caller is told. */
    post: operations["postCallsReturn"];
  };
  "/api/v1/calls/{id}/say": {
    /** Says it to the caller, as the teammate who has taken the call. */
    post: operations["postCallsSay"];
  };
  "/api/v1/calls/{id}/take": {
    /** A teammate speaks on the call from now on, in writing; the caller is told. */
    post: operations["postCallsTake"];
  };
  "/api/v1/calls/{id}/whisper": {
    /** The assistant passes it on with its next answer. */
    post: operations["postCallsWhisper"];
  };
  "/api/v1/canned": {
    /** Texts that the team says often, by name. */
    get: operations["getCanned"];
    /** Adds a canned reply. */
    post: operations["postCanned"];
  };
  "/api/v1/canned/{id}": {
    /** Takes a canned reply away. */
    delete: operations["deleteCannedById"];
    /** Changes a canned reply. */
    patch: operations["patchCannedById"];
  };
  "/api/v1/channels": {
    /** The configured doors and how they are. */
    get: operations["getChannels"];
  };
  "/api/v1/channels/{id}": {
    /** Turns the trust dial of a door; null goes back to the configuration. */
    patch: operations["patchChannelsById"];
  };
  "/api/v1/channels/{id}/check": {
    /** Asks the vendor now whether it lets us in, and what is still to be done. */
    post: operations["postChannelsCheck"];
  };
  "/api/v1/channels/{id}/setup": {
    /** What is entered at the vendor for a door: the addresses it calls, and the word by which it knows us. */
    get: operations["getChannelsSetup"];
  };
  "/api/v1/channels/{id}/templates": {
    /** Messages that the vendor approved beforehand, which may be sent when the service window has closed. */
    get: operations["getChannelsTemplates"];
  };
  "/api/v1/clock": {
    /** Business time; only with virtual_clock and the admin token. */
    get: operations["getClock"];
    /** Moves business time and runs every timer due; only with virtual_clock and the admin token. */
    post: operations["postClock"];
  };
  "/api/v1/conversations": {
    /** Conversations, the latest first; escalated ones by due time. */
    get: operations["getConversations"];
  };
  "/api/v1/conversations/{id}": {
    /** A conversation with its escalations, its service window and the doors it can be answered on. */
    get: operations["getConversationsById"];
  };
  "/api/v1/conversations/{id}/assign": {
    /** Gives it to a teammate or to nobody, or to a team or to everybody. */
    post: operations["postConversationsAssign"];
  };
  "/api/v1/conversations/{id}/draft": {
    /** What the AI would answer to the customer's last words; nothing is written or sent. */
    post: operations["postConversationsDraft"];
  };
  "/api/v1/conversations/{id}/merge": {
    /** Another conversation of the same customer becomes part of this one. */
    post: operations["postConversationsMerge"];
  };
  "/api/v1/conversations/{id}/note": {
    /** A note for teammates. */
    post: operations["postConversationsNote"];
  };
  "/api/v1/conversations/{id}/reply": {
    /** Writes to the customer, on the given channel or the last one, now or at a later time. */
    post: operations["postConversationsReply"];
  };
  "/api/v1/conversations/{id}/resolve": {
    /** Ends it. */
    post: operations["postConversationsResolve"];
  };
  "/api/v1/conversations/{id}/return": {
    /** Gives it back to the AI. */
    post: operations["postConversationsReturn"];
  };
  "/api/v1/conversations/{id}/reword": {
    /** Says a teammate's words in another tone or language, by a model; nothing is sent. */
    post: operations["postConversationsReword"];
  };
  "/api/v1/conversations/{id}/run": {
    /** Does what a canned reply does besides its words: tags, assigns, snoozes, returns or resolves. */
    post: operations["postConversationsRun"];
  };
  "/api/v1/conversations/{id}/snooze": {
    /** Puts it off. */
    post: operations["postConversationsSnooze"];
  };
  "/api/v1/conversations/{id}/split": {
    /** What was said from a message on becomes a conversation of its own, which is the answer. */
    post: operations["postConversationsSplit"];
  };
  "/api/v1/conversations/{id}/tag": {
    /** Puts the team's labels on and takes them off. */
    post: operations["postConversationsTag"];
  };
  "/api/v1/conversations/{id}/take": {
    /** A teammate takes it; the AI is silent from now on. */
    post: operations["postConversationsTake"];
  };
  "/api/v1/customers": {
    /** Customers by identifier, or by words of names and identifiers. */
    get: operations["getCustomers"];
  };
  "/api/v1/customers/{id}": {
    /** A customer; an absorbed id answers with the surviving one. */
    get: operations["getCustomersById"];
    /** Erases a customer in ten minutes, or at once; says what there is to erase. An erased id answers 200 again. */
    delete: operations["deleteCustomersById"];
    /** Pins values; an empty or null value takes a fact back. */
    patch: operations["patchCustomersById"];
  };
  "/api/v1/customers/{id}/export": {
    /** Everything about a customer as one document. */
    get: operations["getCustomersExport"];
  };
  "/api/v1/customers/{id}/keep": {
    /** Takes an erasure back that has not happened yet. */
    post: operations["postCustomersKeep"];
  };
  "/api/v1/customers/{id}/merge": {
    /** Joins another record into this one. */
    post: operations["postCustomersMerge"];
  };
  "/api/v1/customers/{id}/timeline": {
    /** Messages and events of all channels, oldest first within a page; the newest page when nothing is asked. */
    get: operations["getCustomersTimeline"];
  };
  "/api/v1/drafts/{id}/approve": {
    /** Sends a draft and the rest of its turn, or the teammate's own wording instead. */
    post: operations["postDraftsApprove"];
  };
  "/api/v1/drafts/{id}/discard": {
    /** Throws a draft and the rest of its turn away. */
    post: operations["postDraftsDiscard"];
  };
  "/api/v1/escalations": {
    /** Escalations with their briefs, by due time. */
    get: operations["getEscalations"];
  };
  "/api/v1/events": {
    /** A business event: order, cart, payment, shipment, booking. */
    post: operations["postEvents"];
  };
  "/api/v1/forgot": {
    /** Sends a teammate a link by mail that sets a new password; says the same whether or not the address is known. */
    post: operations["postForgot"];
  };
  "/api/v1/imports": {
    /** Imports of customers, newest first. */
    get: operations["getImports"];
    /** Imports customers from a CSV file, or tells what an import would do. */
    post: operations["postImports"];
  };
  "/api/v1/imports/{id}/undo": {
    /** Takes an import back. */
    post: operations["postImportsUndo"];
  };
  "/api/v1/join": {
    /** Sets a password with the single-use token of such a link and signs in; with a second factor, signing in is still to do. */
    post: operations["postJoin"];
  };
  "/api/v1/knowledge": {
    /** Sources, unanswered questions and skipped files. */
    get: operations["getKnowledge"];
  };
  "/api/v1/knowledge/ask": {
    /** An answer from the sources alone, with its citations. */
    get: operations["getKnowledgeAsk"];
  };
  "/api/v1/knowledge/documents": {
    /** Gives a document to answer from: its bytes as they are. One of the same name is replaced. */
    post: operations["postKnowledgeDocuments"];
  };
  "/api/v1/knowledge/documents/{id}": {
    /** Takes a document away that was given. */
    delete: operations["deleteKnowledgeDocumentsById"];
  };
  "/api/v1/ledger": {
    /** Was anything lost? Counts by state, and items. */
    get: operations["getLedger"];
  };
  "/api/v1/ledger/{id}/replay": {
    /** Puts a quarantined message back into its customer's queue. */
    post: operations["postLedgerReplay"];
  };
  "/api/v1/live": {
    /** Changes as server-sent events, resumable by Last-Event-ID. */
    get: operations["getLive"];
  };
  "/api/v1/manner": {
    /** How the assistant speaks: its name, its tone, and first and last words on each door. */
    get: operations["getManner"];
    /** Writes how the assistant speaks anew; the next message obeys. */
    patch: operations["patchManner"];
  };
  "/api/v1/manner/preview": {
    /** How a question would be answered on every door, by the built-in engine, to somebody new. */
    post: operations["postMannerPreview"];
  };
  "/api/v1/merges/{id}/undo": {
    /** Takes a join back, losslessly. */
    post: operations["postMergesUndo"];
  };
  "/api/v1/messages": {
    /** What was said back in a conversation; with q instead, the same as /search. */
    get: operations["getMessages"];
    /** A message through the API channel, signed by Standard Webhooks under the connection's secret; the same id again answers 200. */
    post: operations["postMessages"];
  };
  "/api/v1/messages/{id}/resend": {
    /** Tries once more what failed, was refused or is of unknown outcome. */
    post: operations["postMessagesResend"];
  };
  "/api/v1/models": {
    /** Language models in the order in which they are asked, with what they cost and what was spent on them today. */
    get: operations["getModels"];
  };
  "/api/v1/models/{id}/test": {
    /** Asks a model one short question: whether it answers, how long it takes and what that costs. */
    post: operations["postModelsTest"];
  };
  "/api/v1/presence": {
    /** Says which conversation a teammate's page has open, and whether a reply is being written there; repeat it every 15 seconds. */
    post: operations["postPresence"];
  };
  "/api/v1/questions": {
    /** What the assistant asks of whoever wants something, in this order. */
    get: operations["getQuestions"];
    /** Writes the questions anew; null goes back to the built-in ones. */
    patch: operations["patchQuestions"];
  };
  "/api/v1/rules": {
    /** Named rules and how often they fired. */
    get: operations["getRules"];
    /** Writes a rule of the business's own; it is on from the next message. */
    post: operations["postRules"];
  };
  "/api/v1/rules/try": {
    /** How often a condition would have fired over the latest conversations, and on what; nothing fires and nothing is written. */
    post: operations["postRulesTry"];
  };
  "/api/v1/rules/{name}": {
    /** Takes a rule away that was written in the console. */
    delete: operations["deleteRulesById"];
    /** Switches a rule on or off, says to which team it goes and how it is best answered, or writes one of the console's anew. */
    patch: operations["patchRulesById"];
  };
  "/api/v1/rules/{name}/versions": {
    /** What a rule of the console says and said before, the newest first. */
    get: operations["getRulesVersions"];
  };
  "/api/v1/search": {
    /** Everything ever said, found by words, newest first; at most two seconds behind. */
    get: operations["getSearch"];
  };
  "/api/v1/second-factor": {
    /** Gives an authenticator app what it needs; it counts once a code was confirmed. */
    post: operations["postSecond-factor"];
  };
  "/api/v1/second-factor/confirm": {
    /** Switches the second factor on; the recovery codes are in this answer only. */
    post: operations["postSecond-factorConfirm"];
  };
  "/api/v1/second-factor/end": {
    /** Switches one's own second factor off. */
    post: operations["postSecond-factorEnd"];
  };
  "/api/v1/session": {
    /** Who is signed in. */
    get: operations["getSession"];
    /** Signs a teammate in and sets the session cookie. */
    post: operations["postSession"];
    /** Signs the teammate out. */
    delete: operations["deleteSession"];
  };
  "/api/v1/sessions": {
    /** Signs the teammate out on every device. */
    delete: operations["deleteSessions"];
  };
  "/api/v1/setup": {
    /** Makes the first owner with the single-use token of the set-up link. */
    post: operations["postSetup"];
  };
  "/api/v1/sso": {
    /** What the sign-in page offers besides a password. */
    get: operations["getSso"];
  };
  "/api/v1/sso/callback": {
    /** Where the identity provider sends the browser back to; ends in the console, or on the sign-in page with the reason. */
    get: operations["getSsoCallback"];
  };
  "/api/v1/sso/start": {
    /** Leads a browser to the identity provider. */
    get: operations["getSsoStart"];
  };
  "/api/v1/suggestions": {
    /** Possible duplicates with probability and reasons. */
    get: operations["getSuggestions"];
  };
  "/api/v1/suggestions/{id}/accept": {
    /** They are one person. */
    post: operations["postSuggestionsAccept"];
  };
  "/api/v1/suggestions/{id}/reject": {
    /** They are two persons. */
    post: operations["postSuggestionsReject"];
  };
  "/api/v1/targets": {
    /** By when people of the team answer: those of the console, which are asked first, and those of the configuration. */
    get: operations["getTargets"];
    /** Writes all targets of the console anew, in their order. */
    patch: operations["patchTargets"];
  };
  "/api/v1/tasks": {
    /** What people of the team should do for customers, by its day; with how many there are. */
    get: operations["getTasks"];
    /** Adds a task about a customer. */
    post: operations["postTasks"];
  };
  "/api/v1/tasks/{id}": {
    /** A task. */
    get: operations["getTasksById"];
    /** Marks a task as done, puts it off or gives it to a teammate; a promise it keeps is kept when it is done. */
    patch: operations["patchTasksById"];
  };
  "/api/v1/teammates": {
    /** All teammates. */
    get: operations["getTeammates"];
    /** Adds a teammate, with a password or with a single-use link in the answer. */
    post: operations["postTeammates"];
  };
  "/api/v1/teammates/{id}": {
    /** Takes a teammate away; the conversations they had are nobody's. */
    delete: operations["deleteTeammatesById"];
    /** Changes a teammate's name, role, or whether they are away; about oneself everybody may say the first and the last. */
    patch: operations["patchTeammatesById"];
  };
  "/api/v1/teammates/{id}/link": {
    /** Makes a single-use link, good for 72 hours, with which a teammate sets a password. */
    post: operations["postTeammatesLink"];
  };
  "/api/v1/teammates/{id}/second-factor": {
    /** Takes the second factor off a teammate who has lost it, and ends their sessions. */
    delete: operations["deleteTeammatesSecond-factor"];
  };
  "/api/v1/teammates/{id}/sso": {
    /** Parts a teammate from their account at the identity provider, and ends their sessions. */
    delete: operations["deleteTeammatesSso"];
  };
  "/api/v1/teams": {
    /** Teams with their members, and how many conversations wait for them. */
    get: operations["getTeams"];
    /** Adds a team. */
    post: operations["postTeams"];
  };
  "/api/v1/teams/{id}": {
    /** Takes a team away; what it had is everybody's. */
    delete: operations["deleteTeamsById"];
    /** Writes a team anew. */
    patch: operations["patchTeamsById"];
  };
  "/api/v1/tokens": {
    /** Tokens of programs, without what opens. */
    get: operations["getTokens"];
    /** Makes a token; its value is in this answer only. */
    post: operations["postTokens"];
  };
  "/api/v1/tokens/{id}": {
    /** Ends a token. */
    delete: operations["deleteTokensById"];
  };
  "/api/v1/turns/{id}": {
    /** How a turn was decided. */
    get: operations["getTurnsById"];
  };
  "/api/v1/turns/{id}/replay": {
    /** What a turn would come to with the sources, rules and models of today; nothing is written or sent. */
    post: operations["postTurnsReplay"];
  };
  "/api/v1/views": {
    /** Saved views of the inbox, the team's and one's own, each with its count. */
    get: operations["getViews"];
    /** Saves a view of the inbox under a name. */
    post: operations["postViews"];
  };
  "/api/v1/views/{id}": {
    /** Takes a saved view away. */
    delete: operations["deleteViewsById"];
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    Action: {
      arguments: Record<string, unknown>;
      /** Format: date-time */
      at: string;
      because: ("over_refund_limit" | "always_asked" | "window_unknown" | "exchange_under_way" | "no_answer" | "tool_refused") | null;
      by: string | null;
      /** Format: date-time */
      changed_at: string;
      conversation: string;
      document: string | null;
      id: string;
      message: string | null;
      number: string;
      /** @enum {unknown} */
      status: "waiting" | "done" | "declined" | "replaced" | "cancelled";
      /** @enum {unknown} */
      tool: "return.create" | "exchange.create" | "booking.create" | "tool.call";
    };
    Actions: {
      items: components["schemas"]["WaitingAction"][];
      next: string | null;
    };
    AlertSwitches: {
      browser: boolean;
      email: boolean;
      sound: boolean;
    };
    AlertTested: {
      ok: boolean;
      why: string | null;
    };
    AlertWays: {
      items: {
        host: string | null;
        id: string;
        /** @enum {unknown} */
        kind: "webhook" | "email";
        last: {
          /** Format: date-time */
          at: string;
          /** @enum {unknown} */
          state: "waiting" | "told" | "given_up";
          why: string | null;
        } | null;
        name: string;
        on: ("escalated" | "assigned" | "mentioned" | "late" | "due" | "hot_lead")[];
        signed: boolean;
      }[];
      next: null;
    };
    Alerts: {
      items: {
        /** Format: date-time */
        at: string;
        conversation: string;
        customer: {
          id: string;
          name: string | null;
        };
        id: string;
        /** @enum {unknown} */
        kind: "escalated" | "assigned" | "mentioned" | "late" | "due" | "hot_lead";
        rule: string | null;
        /** @description The team that the asking teammate leads, where they are told because of that. */
        team: string | null;
        /** @description Has nobody taken it yet? */
        waits: boolean;
      }[];
      next: null;
    };
    Approval: {
      text?: string | null;
    };
    Assign: {
      /** @description Null: everybody. Absent: it stays where it is. */
      team?: string | null;
      teammate?: string | null;
    };
    Attachment: {
      id: string;
      /** @enum {unknown} */
      kind: "image" | "audio" | "video" | "document" | "sticker";
      mime: string | null;
      name: string | null;
      /** @description The media type by its bytes, when a page may show or play it. */
      shown_as: string | null;
      size: number | null;
      /** @enum {unknown} */
      state: "waiting" | "kept" | "lost";
      url: string | null;
      voice: boolean;
      why: string | null;
    };
    AuditCheck: {
      broken: number | null;
      checkpoints: number;
      entries: number;
    };
    AuditEntry: {
      act: string;
      actor: string;
      /** Format: date-time */
      at: string;
      hash: string;
      outcome: number;
      seq: number;
      subjects: string[];
    };
    AuditLog: {
      items: components["schemas"]["AuditEntry"][];
      next: string | null;
    };
    Brief: {
      contacts: string[];
      emotion: string;
      learned: string[];
      name: string;
      need: string;
      next_step: string;
      promised: string[];
      summary: string;
      tried: string[];
      why: string;
    };
    BusinessEvent: {
      /** Format: date-time */
      at?: string;
      /** @description Identifiers by kind: email, phone, external_id, … */
      customer: Record<string, unknown>;
      data?: unknown;
      /** @description The event's own id, at most 200 characters: told again under it, the event counts once and the answer is the same. */
      id?: string;
      type: string;
    };
    BusinessEventTaken: {
      customer: string;
      id: string;
    };
    Call: {
      /** Format: date-time */
      at: string;
      /** @enum {unknown} */
      attestation: "full" | "claimed" | "failed" | "withheld";
      /** @description The other side's number, E.164. */
      caller: string | null;
      /**
       * @description Who listens and speaks: the vendor, speech of one's own over the vendor's stream, or the same straight over SIP.
       * @enum {unknown}
       */
      carried_by: "relay" | "sound" | "sip";
      connected: boolean;
      connection: string;
      conversation: string;
      customer: string | null;
      /** @enum {unknown} */
      direction: "inbound" | "outbound";
      ended_at: string | null;
      id: string;
      language: string;
      name: string | null;
      number: string | null;
      outcome: ("completed" | "transferred" | "nobody_free" | "silent" | "cut" | "not_reached") | null;
      proof: ("anonymous" | "claimed" | "channel_asserted" | "verified") | null;
      recording: {
        attachment: string;
        /** Format: date-time */
        from: string;
        running: boolean;
        url: string;
      } | null;
      seconds: number;
      /** @enum {unknown} */
      state: "ringing" | "live" | "transferring" | "cut" | "ended";
      /** @description The teammate who speaks on it. */
      taken_by: string | null;
      /** @description Where the connection puts callers through. */
      through_to: string | null;
    };
    CallEnded: {
      id: string;
      /** @constant */
      state: "ended";
    };
    CallInFull: {
      /** Format: date-time */
      at: string;
      /** @enum {unknown} */
      attestation: "full" | "claimed" | "failed" | "withheld";
      /** @description The other side's number, E.164. */
      caller: string | null;
      /**
       * @description Who listens and speaks: the vendor, speech of one's own over the vendor's stream, or the same straight over SIP.
       * @enum {unknown}
       */
      carried_by: "relay" | "sound" | "sip";
      connected: boolean;
      connection: string;
      conversation: string;
      customer: string | null;
      /** @enum {unknown} */
      direction: "inbound" | "outbound";
      ended_at: string | null;
      id: string;
      language: string;
      name: string | null;
      number: string | null;
      outcome: ("completed" | "transferred" | "nobody_free" | "silent" | "cut" | "not_reached") | null;
      proof: ("anonymous" | "claimed" | "channel_asserted" | "verified") | null;
      recording: {
        attachment: string;
        /** Format: date-time */
        from: string;
        running: boolean;
        url: string;
      } | null;
      seconds: number;
      /** @enum {unknown} */
      state: "ringing" | "live" | "transferring" | "cut" | "ended";
      /** @description The teammate who speaks on it. */
      taken_by: string | null;
      /** @description Where the connection puts callers through. */
      through_to: string | null;
      transcript: components["schemas"]["CallSaidLine"][];
      turns: components["schemas"]["CallTurn"][];
    };
    CallListen: {
      expires_in_s: number;
      id: string;
      path: string;
    };
    CallMade: {
      customer: string;
      /** @constant */
      state: "ringing";
    };
    CallPutThrough: {
      id: string;
      /** @constant */
      state: "transferring";
      to: string;
    };
    CallSaid: {
      id: string;
      messages: string[];
    };
    CallSaidLine: {
      /** Format: date-time */
      at: string;
      message: string;
      name: string | null;
      /** @description Of our words, those that were heard. */
      text: string;
      turn: string | null;
      /** @description Words that were cut off before they were heard. */
      unheard: string | null;
      /** @enum {unknown} */
      who: "caller" | "assistant" | "teammate";
    };
    CallThrough: {
      /** @description In international form; absent or null: where the connection says. */
      to?: string | null;
    };
    CallTurn: {
      ears_ms: number | null;
      message: string | null;
      thinking_ms: number | null;
      voice_ms: number | null;
    };
    CallWanted: {
      /** @description The customer's own words by which they agreed to be called. */
      agreed: string;
      customer: string;
    };
    CallWhispered: {
      id: string;
      whispered: string;
    };
    CallWords: {
      text: string;
    };
    Calls: {
      items: components["schemas"]["Call"][];
      next: null;
    };
    CameTo: {
      asked: string | null;
      decision: string;
      rules: string[];
      sources: {
        heading: string;
        source: string;
      }[];
      text: string | null;
    };
    CannedReplies: {
      items: components["schemas"]["CannedReply"][];
      next: null;
    };
    CannedReply: {
      id: string;
      name: string;
      steps: components["schemas"]["CannedStep"][];
      text: string;
    };
    CannedStep: {
      /** @enum {unknown} */
      do: "tag" | "assign" | "snooze" | "return" | "resolve";
      minutes?: number;
      tag?: string;
      /** @description Absent or null: whoever uses it. */
      teammate?: string | null;
    };
    Channel: {
      /** @enum {unknown} */
      channel: "widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api";
      /** @enum {unknown} */
      configured_mode: "off" | "draft" | "out_of_hours" | "answer";
      detail: string;
      /** @enum {unknown} */
      health: "ok" | "warn" | "error";
      hook: string;
      id: string;
      label: string;
      last_fetch: string | null;
      last_in: string | null;
      last_out: string | null;
      /** @enum {unknown} */
      mode: "off" | "draft" | "out_of_hours" | "answer";
      standing: {
        asked_at: string | null;
        ends_at: string | null;
        name: string | null;
        quality: string | null;
        to_do: string[];
        trouble: {
          alarm: boolean;
          /** Format: date-time */
          at: string;
          code: string;
          why: string;
        } | null;
      };
      waiting: number;
    };
    ChannelChange: {
      mode: ("off" | "draft" | "out_of_hours" | "answer") | null;
    };
    ChannelChecked: {
      asked_at: string | null;
      ends_at: string | null;
      id: string;
      name: string | null;
      ok: boolean;
      quality: string | null;
      to_do: string[];
      trouble: {
        alarm: boolean;
        /** Format: date-time */
        at: string;
        code: string;
        why: string;
      } | null;
    };
    ChannelSetup: {
      channel: string;
      hook: string;
      id: string;
      status_hook: string | null;
      verify_token: string | null;
    };
    Channels: {
      items: components["schemas"]["Channel"][];
      next: string | null;
      /** @description Where vendors reach this server. */
      public_url: string;
    };
    Clock: {
      /** Format: date-time */
      now: string;
      offset_s: number;
    };
    ClockAdvance: {
      advance_s: number;
    };
    ClockMoved: {
      /** Format: date-time */
      now: string;
      ran: number;
    };
    Conversation: {
      actions_waiting: number;
      ai_silent: boolean;
      asked_again: number;
      assignee: {
        id: string;
        name: string;
      } | null;
      /** @enum {unknown} */
      channel: "widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api";
      channels: ("widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api")[];
      /** Format: date-time */
      created_at: string;
      customer: {
        id: string;
        name: string | null;
        /** @enum {unknown} */
        proof: "anonymous" | "claimed" | "channel_asserted" | "verified";
        score: number;
      };
      drafts: number;
      escalation: {
        also: string[];
        /** Format: date-time */
        at: string;
        /** Format: date-time */
        due_at: string;
        id: string;
        rule: string;
        /** @enum {unknown} */
        status: "open" | "accepted" | "returned" | "resolved" | "released";
        /** @description How it is best answered; null: whoever answers decides. */
        way: ("urgent" | "same_channel" | "email") | null;
      } | null;
      id: string;
      last_message: {
        /** Format: date-time */
        at: string;
        /** @enum {unknown} */
        author: "customer" | "ai" | "teammate" | "system";
        /** @enum {unknown} */
        direction: "in" | "out" | "event";
        text: string;
      } | null;
      /** @description Only after a reply: the message that was written. */
      message?: string;
      /** @description The target of the team that is due next, while a person has it. */
      sla: {
        /** Format: date-time */
        due_at: string;
        policy: string;
        /** @enum {unknown} */
        target: "first_reply" | "resolution";
      } | null;
      snoozed_until: string | null;
      /** @enum {unknown} */
      status: "open" | "with_teammate" | "waiting" | "snoozed" | "resolved";
      /** @description The team's labels, in alphabetical order. */
      tags: string[];
      /** @description The team that has it; null: everybody. */
      team: {
        id: string;
        name: string;
      } | null;
      unread: boolean;
      /** Format: date-time */
      updated_at: string;
    };
    ConversationDetail: {
      actions_waiting: number;
      ai_silent: boolean;
      asked_again: number;
      assignee: {
        id: string;
        name: string;
      } | null;
      /** @enum {unknown} */
      channel: "widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api";
      channels: ("widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api")[];
      /** @description The door on which it was spoken last. */
      connection: string;
      /** Format: date-time */
      created_at: string;
      customer: {
        id: string;
        name: string | null;
        /** @enum {unknown} */
        proof: "anonymous" | "claimed" | "channel_asserted" | "verified";
        score: number;
      };
      doors: {
        /** @enum {unknown} */
        channel: "widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api";
        /** @description Until when free text is taken there; null: always. */
        closes_at: string | null;
        connection: string;
        label: string;
        /** @description The longest text of one message there; a longer reply leaves as several. */
        longest: number | null;
        open: boolean;
        stopped: boolean;
      }[];
      drafts: number;
      escalation: {
        also: string[];
        /** Format: date-time */
        at: string;
        /** Format: date-time */
        due_at: string;
        id: string;
        rule: string;
        /** @enum {unknown} */
        status: "open" | "accepted" | "returned" | "resolved" | "released";
        /** @description How it is best answered; null: whoever answers decides. */
        way: ("urgent" | "same_channel" | "email") | null;
      } | null;
      escalations: components["schemas"]["Escalation"][];
      id: string;
      last_message: {
        /** Format: date-time */
        at: string;
        /** @enum {unknown} */
        author: "customer" | "ai" | "teammate" | "system";
        /** @enum {unknown} */
        direction: "in" | "out" | "event";
        text: string;
      } | null;
      /** @description The target of the team that is due next, while a person has it. */
      sla: {
        /** Format: date-time */
        due_at: string;
        policy: string;
        /** @enum {unknown} */
        target: "first_reply" | "resolution";
      } | null;
      snoozed_until: string | null;
      /** @enum {unknown} */
      status: "open" | "with_teammate" | "waiting" | "snoozed" | "resolved";
      /** @description What it was about, in a few words, and the messages that says it. */
      summary?: {
        messages: string[];
        text: string;
      };
      /** @description The team's labels, in alphabetical order. */
      tags: string[];
      /** @description The team that has it; null: everybody. */
      team: {
        id: string;
        name: string;
      } | null;
      unread: boolean;
      /** Format: date-time */
      updated_at: string;
      window: {
        /** @enum {unknown} */
        channel: "widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api";
        closes_at: string | null;
        open: boolean;
      };
    };
    ConversationMerge: {
      /** @description The conversation that becomes part of this one. */
      absorb: string;
    };
    ConversationSplit: {
      /** @description The first message of the other matter. */
      from: string;
    };
    ConversationTags: {
      add?: string[];
      remove?: string[];
    };
    Conversations: {
      counts: {
        ai: number;
        approval: number;
        escalated: number;
        mentions: number;
        mine: number;
        resolved: number;
        snoozed: number;
        team: number;
        unassigned: number;
      };
      items: components["schemas"]["Conversation"][];
      next: string | null;
    };
    Customer: {
      actions: components["schemas"]["Action"][];
      attributes: Record<string, unknown>;
      consents: {
        /** Format: date-time */
        at: string;
        channel: ("widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api") | null;
        purpose: string;
        source_message: string | null;
        /** @enum {unknown} */
        state: "given" | "withdrawn" | "requested";
        wording: string;
      }[];
      conversations: string[];
      /** Format: date-time */
      created_at: string;
      erased_at?: string | null;
      events: {
        /** Format: date-time */
        at: string;
        data: unknown;
        id: string;
        type: string;
      }[];
      facts: {
        channel: ("widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api") | null;
        confidence: number;
        data: unknown;
        holds: boolean;
        id: string;
        /** @enum {unknown} */
        origin: "message" | "link" | "otp" | "jwt" | "import" | "teammate" | "api" | "inferred";
        pinned: boolean;
        predicate: string;
        quote: string;
        /** Format: date-time */
        recorded_at: string;
        retracted_at: string | null;
        source_message: string | null;
        /** @enum {unknown} */
        status: "active" | "superseded" | "disputed" | "retracted";
        supersedes: string | null;
        /** Format: date-time */
        valid_from: string;
        valid_to: string | null;
        value: string;
      }[];
      id: string;
      identifiers: {
        /** Format: date-time */
        first_seen: string;
        id: string;
        kind: string;
        /** Format: date-time */
        last_seen: string;
        /** @enum {unknown} */
        origin: "message" | "link" | "otp" | "jwt" | "import" | "teammate" | "api" | "inferred";
        shared: boolean;
        /** @enum {unknown} */
        trust: "claimed" | "channel_asserted" | "verified";
        value: string;
      }[];
      /**
       * Format: date-time
       * @description Where the record was asked for as it was known at a moment.
       */
      known_at?: string;
      lead: {
        reasons: {
          points: number;
          text: string;
        }[];
        score: number;
        stage: string;
      };
      merges: {
        absorbed: string;
        /** Format: date-time */
        at: string;
        by: string;
        id: string;
        reasons: string[];
        undone: boolean;
      }[];
      /** @description Messages both ways over all doors; in the answer about one customer only. */
      messages?: number;
      name: string | null;
      offers: {
        /** Format: date-time */
        at: string;
        id: string;
        /** @enum {unknown} */
        outcome: "open" | "accepted" | "declined" | "expired";
        product: string;
        reason: string | null;
        terms: string;
      }[];
      /** @description What the business told of orders, the one heard of last first. */
      orders: {
        /** Format: date-time */
        at: string;
        carrier: string | null;
        currency: string | null;
        expected: string | null;
        number: string;
        /** Format: date-time */
        placed_at: string;
        products: {
          name: string;
          quantity: number | null;
        }[];
        /** @description created, paid, shipped, delivered, cancelled and the like, or the words of the business. */
        state: string;
        total_minor: number | null;
        tracking: string | null;
      }[];
      promises: {
        /** Format: date-time */
        at: string;
        /** @enum {unknown} */
        by: "us" | "customer";
        /** @enum {unknown} */
        channel: "widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api";
        due_at: string | null;
        id: string;
        source_message: string | null;
        /** @enum {unknown} */
        status: "open" | "kept" | "broken" | "withdrawn";
        what: string;
      }[];
      /** @enum {unknown} */
      proof: "anonymous" | "claimed" | "channel_asserted" | "verified";
    };
    CustomerChanges: {
      attributes?: Record<string, unknown> | null;
      facts?: {
        [key: string]: string | null;
      };
    };
    Customers: {
      items: components["schemas"]["Customer"][];
      next: string | null;
    };
    EntryLink: {
      link: string;
    };
    Erasure: {
      /** @description Other customers who name one of the identifiers; they are not erased. */
      alike: string[];
      customer: string;
      erase_at: string | null;
      erased: boolean;
      erased_at: string | null;
      holds: {
        conversations: number;
        escalations: number;
        identifiers: number;
        links: number;
        memories: number;
        messages: number;
        strands: number;
        tasks: number;
        turns: number;
      } | null;
    };
    Escalation: {
      also: string[];
      /** Format: date-time */
      at: string;
      brief: components["schemas"]["Brief"];
      conversation: string;
      customer: {
        id: string;
        name: string | null;
      };
      /** Format: date-time */
      due_at: string;
      evidence: {
        message: string;
        quote: string;
        rule: string;
      }[];
      id: string;
      rule: string;
      /** @enum {unknown} */
      status: "open" | "accepted" | "returned" | "resolved" | "released";
      team: string | null;
      turn: string | null;
      /** @description How it is best answered; null: whoever answers decides. */
      way: ("urgent" | "same_channel" | "email") | null;
    };
    Escalations: {
      items: components["schemas"]["Escalation"][];
      next: string | null;
    };
    /** @description Everything about a person. Lists are oldest first, keys in alphabetical order. */
    Export: {
      conversations: Record<string, unknown>[];
      customer: Record<string, unknown>;
      doors: Record<string, unknown>[];
      escalations: Record<string, unknown>[];
      /** Format: date-time */
      exported_at: string;
      /** @constant */
      format: "rapport-export";
      ids: string[];
      links: Record<string, unknown>[];
      names_seen: string[];
      open_questions: Record<string, unknown>[];
      suggestions: Record<string, unknown>[];
      tasks: Record<string, unknown>[];
      timeline: Record<string, unknown>[];
      turns: Record<string, unknown>[];
      version: number;
      workspace: string;
    };
    Figure: {
      about: string;
      /** @description The same over as many days before. */
      before: number | null;
      /** @description Where the conversations behind it are. */
      conversations: string;
      count: number;
      /** @description Days that have some; nothing over more than 400 days. */
      days: {
        count: number;
        /** Format: date */
        day: string;
      }[];
      figure: string;
      of: number | null;
      /** @enum {unknown} */
      unit: "count" | "share" | "seconds" | "money" | "number" | "mood";
      /** @description Null: there is nothing yet that could be counted. */
      value: number | null;
    };
    Forgot: {
      email: string;
    };
    FoundMessage: {
      /** Format: date-time */
      at: string;
      /** @enum {unknown} */
      author: "customer" | "ai" | "teammate" | "system";
      author_name: string | null;
      /** @enum {unknown} */
      channel: "widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api";
      conversation: string;
      customer: {
        id: string;
        name: string | null;
      };
      /** @enum {unknown} */
      direction: "in" | "out" | "event";
      /** @description The words around the first hit, in stretches. */
      excerpt: {
        hit: boolean;
        text: string;
      }[];
      id: string;
      /** @description A note of the team. */
      note: boolean;
      text: string;
    };
    FoundMessages: {
      /** @description False while the index is built anew. */
      complete: boolean;
      items: components["schemas"]["FoundMessage"][];
      /** @description A page may be empty and still have a next one. */
      next: string | null;
    };
    Import: {
      at: string;
      by: string;
      created: number;
      id: string;
      name: string;
      undone_at: string | null;
      updated: number;
    };
    ImportReport: {
      dry_run: boolean;
      lines: {
        customer?: string;
        line: number;
        notes?: string[];
        outcome: string;
      }[];
      result: {
        columns?: string[][];
        created: number;
        import?: string | null;
        refused: number;
        rows: number;
        unchanged: number;
        updated: number;
      };
    };
    ImportUndone: {
      kept: number;
      removed: number;
      restored: number;
    };
    Imports: {
      items: components["schemas"]["Import"][];
      next: string | null;
    };
    InboundMessage: {
      /** Format: date-time */
      at?: string;
      attachments?: {
        base64?: string;
        mime?: string;
        name?: string;
        url?: string;
      }[];
      connection: string;
      from: {
        email?: string;
        email_verified?: boolean;
        external_id?: string;
        name?: string;
        phone?: string;
        phone_verified?: boolean;
      };
      id: string;
      text?: string;
    };
    Join: {
      password: string;
      token: string;
    };
    Kept: {
      customer: string;
      /** @constant */
      kept: true;
    };
    Knowledge: {
      conflicts: {
        about: string;
        sources: {
          heading: string;
          source: string;
          text: string;
        }[];
      }[];
      /** @description Where documents are put, on the server's machine; for those who administer. */
      folders: {
        id: string;
        path: string;
      }[];
      gaps: {
        also: string[];
        conversation: string;
        /** Format: date-time */
        last_at: string;
        question: string;
        times: number;
      }[];
      sites: {
        failed: string | null;
        id: string;
        pages: number;
        read_at: string | null;
        sitemap: string;
        skipped: {
          reason: string;
          url: string;
        }[];
      }[];
      skipped: {
        /** @description Its id, where it was given in the console. */
        document: string | null;
        path: string;
        reason: string;
      }[];
      sources: {
        audience: string;
        /** @description Its id, where it was given in the console. */
        document: string | null;
        outdated: boolean;
        passages: number;
        path: string;
        synced_at: string | null;
        title: string;
      }[];
    };
    KnowledgeAnswer: {
      answer: string | null;
      citations: {
        heading: string;
        source: string;
        text: string;
      }[];
      confidence: number;
    };
    KnowledgeDocument: {
      /** Format: date-time */
      at: string;
      audience: string;
      id: string;
      name: string;
      outdated: boolean;
      passages: number;
      size: number;
      skipped: string | null;
      title: string;
    };
    Ledger: {
      accepted: number;
      backup: {
        every_s: number | null;
        late: boolean;
        newest: string | null;
      } | null;
      counts: {
        answered: number;
        handed_over: number;
        ignored_by_rule: number;
        open: number;
        quarantined: number;
      };
      items: components["schemas"]["LedgerItem"][];
      next: string | null;
      queued: number;
    };
    LedgerItem: {
      /** Format: date-time */
      at: string;
      channel: ("widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api") | null;
      connection: string;
      id: string;
      reason: string | null;
      /** @enum {unknown} */
      state: "open" | "answered" | "handed_over" | "ignored_by_rule" | "quarantined";
      turn: string | null;
    };
    Login: {
      /** @description Of the second factor, or a recovery code; asked for with 401 and the code second_factor. */
      code?: string | null;
      email: string;
      password: string;
    };
    Manner: {
      /** @description By kind of door. */
      doors?: {
        [key: string]: {
          greeting?: string | null;
          sign_off?: string | null;
          tone?: ("formal" | "warm" | "short") | null;
        };
      };
      name?: string | null;
      persona?: string | null;
      tone?: ("formal" | "warm" | "short") | null;
    };
    MannerPreview: {
      items: {
        channel: string;
        messages: string[];
        text: string;
      }[];
      next: null;
    };
    MannerShown: {
      channels: string[];
      configured_persona: string | null;
      /** @description By kind of door. */
      doors: {
        [key: string]: {
          greeting?: string | null;
          sign_off?: string | null;
          tone?: ("formal" | "warm" | "short") | null;
        };
      };
      /** @description The language of the business's own words. */
      language: string;
      name: string | null;
      persona: string | null;
      tone: ("formal" | "warm" | "short") | null;
    };
    MannerTried: {
      /** @description Tried before it is kept; null: as it stands. */
      manner?: components["schemas"]["Manner"] | null;
      question: string;
    };
    Marked: {
      items: (components["schemas"]["Conversation"] & {
        marked: {
          a: string;
          b: string;
          /** Format: date */
          day: string;
          value: number;
        };
      })[];
      next: string | null;
    };
    Merge: {
      absorb: string;
    };
    Merged: {
      customer: string;
      id: string;
    };
    MessageTaken: {
      conversation: string;
      customer: string;
      message: string;
    };
    Model: {
      /** @description Its place among those that are asked for answers. */
      answerer: number | null;
      currency: string | null;
      daily_budget: number | null;
      id: string;
      /** @description Of a million tokens in. */
      input_price: number | null;
      /** @enum {unknown} */
      kind: "openai" | "anthropic";
      model: string;
      /** @description Of a million tokens out. */
      output_price: number | null;
      /** @description Its place among those that read facts. */
      qualifier: number | null;
      server: string | null;
      spent_today: number;
      timeout_s: number;
    };
    ModelTested: {
      /** @description Null: no price is configured. */
      cost: number | null;
      currency: string | null;
      id: string;
      input_tokens: number;
      ok: boolean;
      output_tokens: number;
      said: string | null;
      took_ms: number;
      /** @description Why there is no answer. */
      trouble: string | null;
    };
    Models: {
      items: components["schemas"]["Model"][];
      next: null;
    };
    NewCannedReply: {
      name: string;
      steps?: components["schemas"]["CannedStep"][];
      /** @description May be empty where there are steps. */
      text?: string;
    };
    NewImport: {
      columns?: {
        [key: string]: string;
      };
      csv: string;
      dry_run?: boolean;
      name: string;
    };
    NewQuestion: {
      /** @description What a matter of the business's own is called. */
      label?: string | null;
      /** @description Absent: a new matter of the business's own. */
      slot?: string;
      /** @description By two-letter language. */
      wording?: {
        [key: string]: string;
      };
    };
    NewRule: {
      name: string;
      sentence?: string | null;
      when: string;
    };
    NewSavedView: {
      channel?: string | null;
      name: string;
      shared?: boolean;
      tag?: string | null;
      team?: string | null;
      view: string;
    };
    NewTask: {
      /** @description Absent: whoever writes it; null: nobody by name. */
      assignee?: string | null;
      conversation?: string | null;
      customer: string;
      due_at?: string | null;
      what: string;
    };
    NewTeam: {
      hours?: components["schemas"]["TeamHours"];
      lead?: string | null;
      members?: string[];
      name: string;
    };
    NewTeammate: {
      email: string;
      name: string;
      password?: string;
      /** @enum {unknown} */
      role: "owner" | "admin" | "teammate" | "analyst";
    };
    NewToken: {
      expires_at?: string | null;
      name: string;
      scopes: ("read" | "write" | "admin" | "privacy" | "metrics" | "mcp")[];
    };
    Note: {
      mentions?: string[];
      text: string;
    };
    Nothing: Record<string, unknown>;
    OutboundMessage: {
      /** Format: date-time */
      at: string;
      /** @enum {unknown} */
      author: "customer" | "ai" | "teammate" | "system";
      author_name: string | null;
      buttons: {
        payload: string;
        title: string;
      }[];
      /** @enum {unknown} */
      channel: "widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api";
      conversation: string;
      delivery: ("queued" | "sent" | "delivered" | "read" | "failed" | "unknown" | "refused") | null;
      id: string;
      text: string;
      turn: string | null;
    };
    OutboundMessages: {
      items: components["schemas"]["OutboundMessage"][];
      next: string | null;
    };
    PasswordAgain: {
      password: string;
    };
    Place: {
      conversation?: string | null;
      leaving?: boolean;
      typing?: boolean;
    };
    Presence: {
      people: {
        conversation: string | null;
        name: string;
        teammate: string;
        typing: boolean;
      }[];
    };
    Problem: {
      code: string;
      detail: string;
      status: number;
      title: string;
      type: string;
    };
    Proposed: {
      answers: string | null;
      language: string | null;
      sources: Record<string, unknown>[];
      /** @description Null: nothing waits for an answer, or the AI has none that a teammate could send. */
      text: string | null;
    };
    Question: {
      /** @description What a matter of the business's own is called. */
      label: string | null;
      slot: string;
      /** @description By two-letter language. */
      wording: {
        [key: string]: string;
      };
    };
    Questions: {
      /** @description False: the built-in ones. */
      chosen: boolean;
      items: components["schemas"]["Question"][];
      language: string;
      languages: string[];
      next: null;
      slots: {
        built_in: {
          [key: string]: string;
        };
        slot: string;
      }[];
    };
    QuestionsWritten: {
      items?: components["schemas"]["NewQuestion"][] | null;
    };
    Replayed: {
      id: string;
      /** @enum {unknown} */
      state: "open" | "answered" | "handed_over" | "ignored_by_rule" | "quarantined";
    };
    Reply: {
      at?: string | null;
      channel?: ("widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api") | null;
      /** @description From which of the business's own addresses, where a channel has several; without it the conversation's own. */
      connection?: string | null;
      /** @description Files that go with it, 20 MB in all; on doors that do not carry one it leaves as a link. */
      files?: {
        base64: string;
        name: string;
      }[];
      hold_s?: number | null;
      /** @description Instead of a text, where the service window has closed. */
      template?: {
        language: string;
        name: string;
        variables?: {
          [key: string]: string;
        };
      } | null;
      text?: string;
    };
    Report: {
      about: string;
      /** Format: date-time */
      as_of: string;
      /** @description False: some customers are still to be counted. */
      complete: boolean;
      currency: string | null;
      figures: components["schemas"]["Figure"][];
      /** Format: date */
      from: string;
      /** @description Only in the report gaps: what nothing answers. */
      questions?: {
        conversation: string;
        /** Format: date-time */
        last_at: string;
        question: string;
        times: number;
      }[];
      report: string;
      tables: {
        rows: ({
          conversations: string;
        } & {
          [key: string]: string | number | null;
        })[];
        table: string;
      }[];
      /** Format: date */
      to: string;
    };
    Reports: {
      items: {
        about: string;
        report: string;
        url: string;
      }[];
      next: null;
    };
    Resent: {
      /** @enum {unknown} */
      delivery: "queued";
      id: string;
    };
    Reword: {
      language?: ("en" | "fr" | "de" | "es" | "pt" | "it" | "nl" | "pl") | null;
      text: string;
      tone?: ("formal" | "warm" | "short") | null;
    };
    Reworded: {
      text: string;
    };
    Rule: {
      enabled: boolean;
      firings: number;
      last_at: string | null;
      name: string;
      /** @enum {unknown} */
      origin: "built_in" | "configuration" | "console";
      sentence: string;
      since: string | null;
      switchable: boolean;
      /** @description The team it goes to; null: everybody. */
      team: {
        id: string;
        name: string;
      } | null;
      version: number;
      /** @description How it is best answered; null: whoever answers decides. */
      way: ("urgent" | "same_channel" | "email") | null;
      /** @description Null: a built-in rule reads the words itself. */
      when: string | null;
    };
    RuleChange: {
      enabled?: boolean | null;
      sentence?: string | null;
      /** @description Null: everybody. Absent: as it is. */
      team?: string | null;
      /** @description How it is best answered; null: whoever answers decides. */
      way?: ("urgent" | "same_channel" | "email") | null;
      when?: string | null;
    };
    /** @description Either a condition, or a rule by its name: as if it were on, and had never fired. */
    RuleTrial: {
      rule?: string;
      when?: string;
    };
    RuleTried: {
      conversations: number;
      fired: number;
      items: {
        /** Format: date-time */
        at: string;
        channel: string;
        conversation: string;
        customer: {
          id: string;
          name: string | null;
        };
        message: string;
        text: string;
      }[];
      messages: number;
      undecided: number;
      why_undecided: string | null;
    };
    RuleVersions: {
      items: {
        /** Format: date-time */
        at: string;
        by: string | null;
        sentence: string | null;
        version: number;
        when: string;
      }[];
      next: null;
    };
    Rules: {
      items: components["schemas"]["Rule"][];
      next: string | null;
    };
    RunCanned: {
      canned: string;
    };
    SavedView: {
      channel: string | null;
      /** @description A thousand stands for more, too. */
      count: number;
      id: string;
      name: string;
      shared: boolean;
      tag: string | null;
      team: string | null;
      /** @enum {unknown} */
      view: "mine" | "unassigned" | "mentions" | "ai" | "approval" | "escalated" | "snoozed" | "team" | "resolved" | "all";
    };
    SavedViews: {
      items: components["schemas"]["SavedView"][];
      next: null;
    };
    SecondFactorBegun: {
      /** @description The address as a picture in SVG. */
      qr: string | null;
      secret: string;
      uri: string;
    };
    SecondFactorCode: {
      code: string;
    };
    SecondFactorOn: {
      recovery: string[];
    };
    Session: {
      csrf: string;
      demo: boolean;
      teammate: components["schemas"]["Teammate"];
      workspace: {
        currency: string | null;
        id: string;
        locale: string | null;
        name: string | null;
        timezone: string | null;
      };
    };
    Setup: {
      email: string;
      name: string;
      password: string;
      token: string;
    };
    SignInNext: {
      /** @constant */
      sign_in: true;
    };
    Snooze: {
      /** Format: date-time */
      until: string;
    };
    Sso: {
      /** @description What the button says; null: there is no provider. */
      label: string | null;
      /** @description Where the button leads. */
      url: string | null;
    };
    Suggestion: {
      a: {
        id: string;
        name: string | null;
      };
      /** Format: date-time */
      at: string;
      b: {
        id: string;
        name: string | null;
      };
      id: string;
      probability: number;
      reasons: {
        text: string;
        weight: number;
      }[];
      /** @enum {unknown} */
      status: "open" | "accepted" | "rejected";
    };
    SuggestionSettled: {
      customer?: string;
      id: string;
      merge?: string | null;
      status: string;
    };
    Suggestions: {
      items: components["schemas"]["Suggestion"][];
      next: string | null;
    };
    Target: {
      /** @description Day and night instead of in business hours. */
      always?: boolean;
      channel?: string | null;
      /** @description Only where a rule asks for a person, or only where none does. */
      escalated?: boolean | null;
      /** @description Minutes until a person writes. */
      first_reply?: number | null;
      name: string;
      /** @description Minutes until the matter is ended. */
      resolution?: number | null;
      rule?: string | null;
      team?: string | null;
    };
    TargetChange: {
      items: components["schemas"]["Target"][];
    };
    Targets: {
      configured: components["schemas"]["Target"][];
      items: components["schemas"]["Target"][];
      next: null;
    };
    Task: {
      assignee: {
        id: string;
        name: string;
      } | null;
      /** Format: date-time */
      at: string;
      conversation: string | null;
      customer: {
        id: string;
        name: string | null;
      };
      done_at: string | null;
      due_at: string | null;
      id: string;
      /** @description A promise is kept by doing it. */
      promised: boolean;
      what: string;
    };
    TaskChange: {
      assignee?: string | null;
      done?: boolean | null;
      due_at?: string | null;
    };
    Tasks: {
      counts: {
        mine: number;
        mine_overdue: number;
        open: number;
        overdue: number;
      };
      items: components["schemas"]["Task"][];
      next: string | null;
    };
    Team: {
      /** @description Its people have them. */
      answering: number;
      hours: components["schemas"]["TeamHours"];
      id: string;
      lead: string | null;
      members: string[];
      name: string;
      /** @description Nobody has them yet. */
      waiting: number;
    };
    TeamHours: {
      [key: string]: string[];
    } | null;
    Teammate: {
      alerts: components["schemas"]["AlertSwitches"];
      away: boolean;
      email: string;
      id: string;
      invited: boolean;
      link?: string;
      name: string;
      /** @enum {unknown} */
      role: "owner" | "admin" | "teammate" | "analyst";
      second_factor: boolean;
      /** @description Known by an account at the identity provider. */
      sso: boolean;
    };
    TeammateChange: {
      alerts?: components["schemas"]["AlertSwitches"] | null;
      away?: boolean | null;
      name?: string | null;
      role?: ("owner" | "admin" | "teammate" | "analyst") | null;
    };
    Teammates: {
      items: components["schemas"]["Teammate"][];
      next: string | null;
    };
    Teams: {
      items: components["schemas"]["Team"][];
      next: null;
    };
    Templates: {
      items: {
        /** @description A gap is a name in double braces. */
        body: string;
        buttons: string[];
        category: string;
        footer: string | null;
        header: string | null;
        language: string;
        name: string;
        variables: string[];
      }[];
      next: null;
    };
    Timeline: {
      customer: {
        id: string;
        name: string | null;
      };
      items: components["schemas"]["TimelineEntry"][];
      next: string | null;
    };
    TimelineEntry: {
      /** Format: date-time */
      at: string;
      attachments?: components["schemas"]["Attachment"][];
      /** @enum {unknown} */
      author: "customer" | "ai" | "teammate" | "system";
      author_name: string | null;
      buttons: {
        payload: string;
        title: string;
      }[];
      cards?: {
        picture: string | null;
        text: string;
        title: string;
        url: string | null;
      }[];
      changed?: {
        /** Format: date-time */
        at: string;
        /** @enum {unknown} */
        how: "edited" | "deleted";
      };
      /** @enum {unknown} */
      channel: "widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api";
      conversation: string;
      delivery: ("queued" | "sent" | "delivered" | "read" | "failed" | "unknown" | "refused") | null;
      delivery_reason: string | null;
      /** @enum {unknown} */
      direction: "in" | "out" | "event";
      draft: boolean;
      event?: {
        data: Record<string, unknown>;
        type: string;
      };
      id: string;
      /** @enum {unknown} */
      kind: "message" | "note" | "event";
      send_at: string | null;
      seq: number;
      sources: {
        heading: string;
        source: string;
      }[];
      state: ("open" | "answered" | "handed_over" | "ignored_by_rule" | "quarantined") | null;
      text: string;
      turn: string | null;
    };
    Token: {
      expires_at: string | null;
      id: string;
      name: string;
      scopes: ("read" | "write" | "admin" | "privacy" | "metrics" | "mcp")[];
    };
    TokenMade: {
      expires_at: string | null;
      id: string;
      name: string;
      scopes: ("read" | "write" | "admin" | "privacy" | "metrics" | "mcp")[];
      token: string;
    };
    Tokens: {
      items: components["schemas"]["Token"][];
      next: string | null;
    };
    Turn: {
      /** Format: date-time */
      at?: string;
      /** @enum {unknown} */
      channel?: "widget" | "whatsapp" | "telegram" | "discord" | "email" | "sms" | "rcs" | "instagram" | "messenger" | "voice" | "api";
      conversation?: string;
      customer?: string;
      decision?: string;
      engine?: string;
      id: string;
      reply?: string | null;
    };
    TurnReplayed: {
      at: string;
      language: string;
      now: components["schemas"]["CameTo"];
      /** @description The same words, decision and rules. */
      same: boolean;
      then: components["schemas"]["CameTo"];
      turn: string;
    };
    Unmerged: {
      customers: string[];
      id: string;
      undone: boolean;
    };
    WaitingAction: {
      arguments: Record<string, unknown>;
      /** Format: date-time */
      at: string;
      because: ("over_refund_limit" | "always_asked" | "window_unknown" | "exchange_under_way" | "no_answer" | "tool_refused") | null;
      by: string | null;
      /** Format: date-time */
      changed_at: string;
      conversation: string;
      customer: string;
      document: string | null;
      id: string;
      message: string | null;
      number: string;
      /** @enum {unknown} */
      status: "waiting" | "done" | "declined" | "replaced" | "cancelled";
      /** @enum {unknown} */
      tool: "return.create" | "exchange.create" | "booking.create" | "tool.call";
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getActions: {
    parameters: {
      query?: {
        /** @description Size of the page, 1 to 200. */
        limit?: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Actions"];
        };
      };
    };
  };
  postActionsApprove: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Action"];
        };
      };
    };
  };
  postActionsDecline: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Action"];
        };
      };
    };
  };
  getAlerts: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Alerts"];
        };
      };
    };
  };
  getAlertsWays: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AlertWays"];
        };
      };
    };
  };
  postAlertsWaysTest: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AlertTested"];
        };
      };
    };
  };
  getAnalytics: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Reports"];
        };
      };
    };
  };
  getAnalyticsById: {
    parameters: {
      query?: {
        /** @description The first day, a date or a time; thirty days before the last when absent. */
        from?: string;
        /** @description The last day, a date or a time; today when absent. */
        to?: string;
      };
      path: {
        report: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Report"];
        };
      };
    };
  };
  getAnalyticsConversations: {
    parameters: {
      query?: {
        /** @description What is counted: one of the report's own, as its links name it. */
        measure?: string;
        /** @description Of this kind only. */
        a?: string;
        /** @description Of this other kind only. */
        b?: string;
        /** @description The first day. */
        from?: string;
        /** @description The last day. */
        to?: string;
        /** @description Where the page before ended. */
        cursor?: string;
        /** @description Size of the page, 1 to 200. */
        limit?: string;
      };
      path: {
        report: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Marked"];
        };
      };
    };
  };
  getAttachmentsById: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description The file. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/octet-stream": string;
        };
      };
    };
  };
  getAudit: {
    parameters: {
      query?: {
        /** @description By this one only: operator, token:… or teammate:…. */
        actor?: string;
        /** @description What concerned this id only. */
        subject?: string;
        /** @description At this time or later. */
        from?: string;
        /** @description Before this time. */
        to?: string;
        /** @description Where the page before ended. */
        cursor?: string;
        /** @description Size of the page, 1 to 200. */
        limit?: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AuditLog"];
        };
      };
    };
  };
  getAuditCheck: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AuditCheck"];
        };
      };
    };
  };
  getCalls: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Calls"];
        };
      };
    };
  };
  postCalls: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["CallWanted"];
      };
    };
    responses: {
      /** @description It works. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallMade"];
        };
      };
    };
  };
  getCallsById: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallInFull"];
        };
      };
    };
  };
  postCallsHang_up: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallEnded"];
        };
      };
    };
  };
  postCallsListen: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallListen"];
        };
      };
    };
  };
  postCallsPut_through: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CallThrough"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallPutThrough"];
        };
      };
    };
  };
  postCallsReturn: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallInFull"];
        };
      };
    };
  };
  postCallsSay: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CallWords"];
      };
    };
    responses: {
      /** @description It works. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallSaid"];
        };
      };
    };
  };
  postCallsTake: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallInFull"];
        };
      };
    };
  };
  postCallsWhisper: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CallWords"];
      };
    };
    responses: {
      /** @description It works. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallWhispered"];
        };
      };
    };
  };
  getCanned: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CannedReplies"];
        };
      };
    };
  };
  postCanned: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewCannedReply"];
      };
    };
    responses: {
      /** @description It works. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CannedReply"];
        };
      };
    };
  };
  deleteCannedById: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      204: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  patchCannedById: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewCannedReply"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CannedReply"];
        };
      };
    };
  };
  getChannels: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Channels"];
        };
      };
    };
  };
  patchChannelsById: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ChannelChange"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Channel"];
        };
      };
    };
  };
  postChannelsCheck: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ChannelChecked"];
        };
      };
    };
  };
  getChannelsSetup: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ChannelSetup"];
        };
      };
    };
  };
  getChannelsTemplates: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Templates"];
        };
      };
    };
  };
  getClock: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Clock"];
        };
      };
    };
  };
  postClock: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["ClockAdvance"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ClockMoved"];
        };
      };
    };
  };
  getConversations: {
    parameters: {
      query?: {
        /** @description ai, approval, escalated, mentions, mine, resolved, snoozed, team, unassigned or all. */
        view?: string;
        /** @description open, with_teammate, waiting, snoozed or resolved. */
        status?: string;
        /** @description Of this customer only. */
        customer?: string;
        /** @description With this tag only. */
        tag?: string;
        /** @description Whose last door is of this kind. */
        channel?: string;
        /** @description That this team has, by its id. */
        team?: string;
        /** @description Where the page before ended. */
        cursor?: string;
        /** @description Size of the page, 1 to 200. */
        limit?: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversations"];
        };
      };
    };
  };
  getConversationsById: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ConversationDetail"];
        };
      };
    };
  };
  postConversationsAssign: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Assign"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversation"];
        };
      };
    };
  };
  postConversationsDraft: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Proposed"];
        };
      };
    };
  };
  postConversationsMerge: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConversationMerge"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversation"];
        };
      };
    };
  };
  postConversationsNote: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Note"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversation"];
        };
      };
    };
  };
  postConversationsReply: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Reply"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversation"];
        };
      };
    };
  };
  postConversationsResolve: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversation"];
        };
      };
    };
  };
  postConversationsReturn: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversation"];
        };
      };
    };
  };
  postConversationsReword: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Reword"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Reworded"];
        };
      };
    };
  };
  postConversationsRun: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["RunCanned"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversation"];
        };
      };
    };
  };
  postConversationsSnooze: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Snooze"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversation"];
        };
      };
    };
  };
  postConversationsSplit: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConversationSplit"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversation"];
        };
      };
    };
  };
  postConversationsTag: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConversationTags"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversation"];
        };
      };
    };
  };
  postConversationsTake: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversation"];
        };
      };
    };
  };
  getCustomers: {
    parameters: {
      query?: {
        /** @description kind:value, such as phone:%2B33612345678; also email, whatsapp, telegram, discord, external_id, visitor. */
        identifier?: string;
        /** @description Words of names and identifiers. */
        q?: string;
        /** @description Who has been on this door. */
        channel?: string;
        /** @description Whose identity is proven at least so far: channel_asserted or verified. */
        proof?: string;
        /** @description Whose lead score is at least so high, 0 to 100. */
        score?: string;
        /** @description newest, as without it, or score: the highest first. Who is found by words comes newest first. */
        order?: string;
        /** @description Where the page before ended. */
        cursor?: string;
        /** @description Size of the page, 1 to 200. */
        limit?: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Customers"];
        };
      };
    };
  };
  getCustomersById: {
    parameters: {
      query?: {
        /** @description As it was known then: an RFC 3339 time, or a day, which means its end. */
        at?: string;
      };
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Customer"];
        };
      };
    };
  };
  deleteCustomersById: {
    parameters: {
      query?: {
        /** @description true: at once, without time to take it back. */
        now?: string;
      };
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Erasure"];
        };
      };
      /** @description It works. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Erasure"];
        };
      };
    };
  };
  patchCustomersById: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CustomerChanges"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Customer"];
        };
      };
    };
  };
  getCustomersExport: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Export"];
        };
      };
    };
  };
  postCustomersKeep: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Kept"];
        };
      };
    };
  };
  postCustomersMerge: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Merge"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Merged"];
        };
      };
    };
  };
  getCustomersTimeline: {
    parameters: {
      query?: {
        /** @description Where the page before ended. */
        before?: string;
        /** @description Where the page before ended. */
        cursor?: string;
        /** @description Size of the page, 1 to 200. */
        limit?: string;
      };
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Timeline"];
        };
      };
    };
  };
  postDraftsApprove: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Approval"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversation"];
        };
      };
    };
  };
  postDraftsDiscard: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversation"];
        };
      };
    };
  };
  getEscalations: {
    parameters: {
      query?: {
        /** @description open or all. */
        status?: string;
        /** @description Where the page before ended. */
        cursor?: string;
        /** @description Size of the page, 1 to 200. */
        limit?: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Escalations"];
        };
      };
    };
  };
  postEvents: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["BusinessEvent"];
      };
    };
    responses: {
      /** @description It works. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["BusinessEventTaken"];
        };
      };
    };
  };
  postForgot: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["Forgot"];
      };
    };
    responses: {
      /** @description It works. */
      202: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  getImports: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Imports"];
        };
      };
    };
  };
  postImports: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewImport"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ImportReport"];
        };
      };
      /** @description It works. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ImportReport"];
        };
      };
    };
  };
  postImportsUndo: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ImportUndone"];
        };
      };
    };
  };
  postJoin: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["Join"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SignInNext"];
        };
      };
      /** @description It works. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Session"];
        };
      };
    };
  };
  getKnowledge: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Knowledge"];
        };
      };
    };
  };
  getKnowledgeAsk: {
    parameters: {
      query: {
        /** @description The question. */
        q: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["KnowledgeAnswer"];
        };
      };
    };
  };
  postKnowledgeDocuments: {
    parameters: {
      query: {
        /** @description The file's name; its ending says how it is read. */
        name: string;
      };
    };
    requestBody: {
      content: {
        "application/octet-stream": string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["KnowledgeDocument"];
        };
      };
      /** @description It works. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["KnowledgeDocument"];
        };
      };
    };
  };
  deleteKnowledgeDocumentsById: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      204: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  getLedger: {
    parameters: {
      query?: {
        /** @description open, answered, handed_over, ignored_by_rule or quarantined. */
        state?: string;
        /** @description Where the page before ended. */
        cursor?: string;
        /** @description Size of the page, 1 to 200. */
        limit?: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Ledger"];
        };
      };
    };
  };
  postLedgerReplay: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Replayed"];
        };
      };
    };
  };
  getLive: {
    responses: {
      /** @description Server-sent events. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/event-stream": string;
        };
      };
    };
  };
  getManner: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["MannerShown"];
        };
      };
    };
  };
  patchManner: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["Manner"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["MannerShown"];
        };
      };
    };
  };
  postMannerPreview: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["MannerTried"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["MannerPreview"];
        };
      };
    };
  };
  postMergesUndo: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Unmerged"];
        };
      };
    };
  };
  getMessages: {
    parameters: {
      query: {
        /** @description Its id. */
        conversation: string;
        /** @description Words to look for over everything ever said. */
        q?: string;
        /** @description Where the page before ended. */
        cursor?: string;
        /** @description Size of the page, 1 to 200. */
        limit?: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OutboundMessages"];
        };
      };
    };
  };
  postMessages: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["InboundMessage"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["MessageTaken"];
        };
      };
      /** @description It works. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["MessageTaken"];
        };
      };
    };
  };
  postMessagesResend: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Resent"];
        };
      };
    };
  };
  getModels: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Models"];
        };
      };
    };
  };
  postModelsTest: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ModelTested"];
        };
      };
    };
  };
  postPresence: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["Place"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Presence"];
        };
      };
    };
  };
  getQuestions: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Questions"];
        };
      };
    };
  };
  patchQuestions: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["QuestionsWritten"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Questions"];
        };
      };
    };
  };
  getRules: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Rules"];
        };
      };
    };
  };
  postRules: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewRule"];
      };
    };
    responses: {
      /** @description It works. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Rule"];
        };
      };
    };
  };
  postRulesTry: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["RuleTrial"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["RuleTried"];
        };
      };
    };
  };
  deleteRulesById: {
    parameters: {
      path: {
        name: string;
      };
    };
    responses: {
      /** @description It works. */
      204: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  patchRulesById: {
    parameters: {
      path: {
        name: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["RuleChange"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Rule"];
        };
      };
    };
  };
  getRulesVersions: {
    parameters: {
      path: {
        name: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["RuleVersions"];
        };
      };
    };
  };
  getSearch: {
    parameters: {
      query?: {
        /** @description Words that must all occur, each as the beginning of a word or in another form of it; in quotation marks, in a row. */
        q?: string;
        /** @description To or by this customer only. */
        customer?: string;
        /** @description On this channel only. */
        channel?: string;
        /** @description By customer, ai, teammate or system only. */
        author?: string;
        /** @description Said at this time or later. */
        from?: string;
        /** @description Said before this time. */
        to?: string;
        /** @description Where the page before ended. */
        cursor?: string;
        /** @description Size of the page, 1 to 200. */
        limit?: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FoundMessages"];
        };
      };
    };
  };
  "postSecond-factor": {
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SecondFactorBegun"];
        };
      };
    };
  };
  "postSecond-factorConfirm": {
    requestBody: {
      content: {
        "application/json": components["schemas"]["SecondFactorCode"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SecondFactorOn"];
        };
      };
    };
  };
  "postSecond-factorEnd": {
    requestBody: {
      content: {
        "application/json": components["schemas"]["PasswordAgain"];
      };
    };
    responses: {
      /** @description It works. */
      204: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  getSession: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Session"];
        };
      };
    };
  };
  postSession: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["Login"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Session"];
        };
      };
    };
  };
  deleteSession: {
    responses: {
      /** @description It works. */
      204: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  deleteSessions: {
    responses: {
      /** @description It works. */
      204: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  postSetup: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["Setup"];
      };
    };
    responses: {
      /** @description It works. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Session"];
        };
      };
    };
  };
  getSso: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Sso"];
        };
      };
    };
  };
  getSsoCallback: {
    parameters: {
      query?: {
        /** @description What the provider gives for the identity token. */
        code?: string;
        /** @description What was sent along. */
        state?: string;
        /** @description Who answers (RFC 9207). */
        iss?: string;
        /** @description Why there is no code. */
        error?: string;
      };
    };
    responses: {
      /** @description It works. */
      303: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  getSsoStart: {
    responses: {
      /** @description It works. */
      303: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  getSuggestions: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Suggestions"];
        };
      };
    };
  };
  postSuggestionsAccept: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SuggestionSettled"];
        };
      };
    };
  };
  postSuggestionsReject: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SuggestionSettled"];
        };
      };
    };
  };
  getTargets: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Targets"];
        };
      };
    };
  };
  patchTargets: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["TargetChange"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Targets"];
        };
      };
    };
  };
  getTasks: {
    parameters: {
      query?: {
        /** @description all (those not done), mine, or done. */
        view?: string;
        /** @description Only those about this customer that are not done. */
        customer?: string;
        /** @description Size of the page, 1 to 200. */
        limit?: string;
        /** @description Where the page before ended. */
        cursor?: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Tasks"];
        };
      };
    };
  };
  postTasks: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewTask"];
      };
    };
    responses: {
      /** @description It works. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Task"];
        };
      };
    };
  };
  getTasksById: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Task"];
        };
      };
    };
  };
  patchTasksById: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["TaskChange"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Task"];
        };
      };
    };
  };
  getTeammates: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Teammates"];
        };
      };
    };
  };
  postTeammates: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewTeammate"];
      };
    };
    responses: {
      /** @description It works. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Teammate"];
        };
      };
    };
  };
  deleteTeammatesById: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      204: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  patchTeammatesById: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["TeammateChange"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Teammate"];
        };
      };
    };
  };
  postTeammatesLink: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EntryLink"];
        };
      };
    };
  };
  "deleteTeammatesSecond-factor": {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      204: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  deleteTeammatesSso: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      204: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  getTeams: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Teams"];
        };
      };
    };
  };
  postTeams: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewTeam"];
      };
    };
    responses: {
      /** @description It works. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Team"];
        };
      };
    };
  };
  deleteTeamsById: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      204: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  patchTeamsById: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewTeam"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Team"];
        };
      };
    };
  };
  getTokens: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Tokens"];
        };
      };
    };
  };
  postTokens: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewToken"];
      };
    };
    responses: {
      /** @description It works. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TokenMade"];
        };
      };
    };
  };
  deleteTokensById: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      204: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
  getTurnsById: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Turn"];
        };
      };
    };
  };
  postTurnsReplay: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TurnReplayed"];
        };
      };
    };
  };
  getViews: {
    responses: {
      /** @description It works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SavedViews"];
        };
      };
    };
  };
  postViews: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewSavedView"];
      };
    };
    responses: {
      /** @description It works. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SavedView"];
        };
      };
    };
  };
  deleteViewsById: {
    parameters: {
      path: {
        id: string;
      };
    };
    responses: {
      /** @description It works. */
      204: {
        headers: {
          [name: string]: unknown;
        };
      };
    };
  };
}
