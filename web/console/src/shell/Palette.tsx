import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Bookmark, Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { type ReactNode, useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { customersQuery, saidQuery, sessionQuery } from "../api/queries.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { Kbd } from "../elements/Button.tsx";
import { ChannelTile } from "../elements/Channel.tsx";
import { Shield } from "../elements/Proof.tsx";
import { useSavedViews } from "../inbox/SavedViews.tsx";
import { viewIcons, views, type InboxView } from "../inbox/views.ts";
import { Excerpt, useSpeaker } from "../people/Said.tsx";
import { useOfferedActions } from "./actions.ts";
import { placesOf } from "./Rail.tsx";
import { closeFloating } from "./sheet-state.ts";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { useDeeds } from "./deeds.ts";
import { timedActions } from "./timed.ts";

const item =
  "flex min-h-9 cursor-default items-center gap-3 rounded-2 px-2.5 text-t1 data-[selected=true]:bg-s3 max-md:min-h-11";
const group =
  "[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-11 [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-t3";

interface RowProps {
  value: string;
  icon?: ReactNode;
  children: ReactNode;
  end?: ReactNode;
  run: () => void;
}

const Row = ({ value, icon, children, end, run }: RowProps) => (
  <Command.Item
    value={value}
    className={item}
    onSelect={() => {
      closeFloating();
      run();
    }}
  >
    <span className="grid w-5 flex-none place-items-center text-t2">{icon}</span>
    <span className="min-w-0 flex-1 truncate">{children}</span>
    {end}
  </Command.Item>
);

const inboxViews: readonly InboxView[] = [...views, "all"];

/** One field for everything: this conversation, people, what was said, actions, places. */
export const Palette = ({ open }: { open: boolean }) => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const actions = useOfferedActions();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const { data: people } = useQuery({ ...customersQuery(wanted), enabled: open && wanted.length > 1 });
  const { data: said } = useInfiniteQuery({ ...saidQuery(wanted, 6), enabled: open && wanted.length > 1 });
  const speaker = useSpeaker();
  const matches = (label: string) => label.toLowerCase().includes(text.trim().toLowerCase());
  const here = actions.filter(({ label }) => matches(label));
  const shownViews = inboxViews.filter((view) => matches(t(`view.${view}`)));
  const saved = useSavedViews();
  const shownSaved = saved.items.filter(({ name }) => matches(name));
  const { data: session } = useQuery({ ...sessionQuery, enabled: false });
  const shownPlaces = placesOf(session?.teammate.role).filter(({ key }) => matches(t(`place.${key}`)));
  const deeds = useDeeds(open).filter(({ label }) => matches(label));
  const moment = useMoment();
  const timed = timedActions(text, actions, moment);
  const close = () => {
    closeFloating();
    setText("");
  };
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fade-in fixed inset-0 z-[70] bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="pop-in fixed top-[10vh] left-1/2 z-[70] w-[calc(100vw-24px)] max-w-[640px] -translate-x-1/2 overflow-hidden rounded-4 border border-line bg-overlay shadow-3 outline-none"
          onCloseAutoFocus={() => setText("")}
        >
          <Dialog.Title className="sr-only">{t("palette.title")}</Dialog.Title>
          <Command label={t("palette.title")} shouldFilter={false} loop>
            <div className="flex items-center gap-3 border-b border-line px-4">
              <Search size={17} aria-hidden="true" className="flex-none text-t3" />
              <Command.Input
                value={text}
                onValueChange={setText}
                placeholder={t("palette.placeholder")}
                className="h-[52px] min-w-0 flex-1 bg-transparent text-16 outline-none placeholder:text-t3 focus-visible:shadow-none"
              />
              <Kbd>Esc</Kbd>
            </div>
            <Command.List className="max-h-[56vh] overflow-y-auto p-1.5 pb-2">
              <Command.Empty className="px-3 py-8 text-center text-t2">{t("palette.nothing")}</Command.Empty>
              {timed.length > 0 && (
                <Command.Group heading={t("palette.at")} className={group}>
                  {timed.map(({ action, when }) => (
                    <Row
                      key={action.id}
                      value={`at ${action.id}`}
                      icon={<action.icon size={15} aria-hidden="true" />}
                      run={() => action.at?.(when)}
                      end={<Kbd>↵</Kbd>}
                    >
                      {t("palette.doAt", { what: action.label, when: dayAndTime(when.toISOString(), moment) })}
                    </Row>
                  ))}
                </Command.Group>
              )}
              {here.length > 0 && (
                <Command.Group heading={t("palette.here")} className={group}>
                  {here.map((action) => (
                    <Row
                      key={action.id}
                      value={action.label}
                      icon={<action.icon size={15} aria-hidden="true" />}
                      run={action.run}
                      end={action.key && <Kbd>{action.key}</Kbd>}
                    >
                      {action.label}
                    </Row>
                  ))}
                </Command.Group>
              )}
              {people && wanted.length > 1 && people.items.length > 0 && (
                <Command.Group heading={t("palette.people")} className={group}>
                  {people.items.slice(0, 6).map((person) => (
                    <Row
                      key={person.id}
                      value={person.id}
                      icon={<Avatar name={person.name} size="s" />}
                      end={<Shield proof={person.proof} />}
                      run={() => void navigate({ to: "/people/$customer", params: { customer: person.id } })}
                    >
                      {person.name ?? t("customer.nameless")}
                    </Row>
                  ))}
                </Command.Group>
              )}
              {said && wanted.length > 1 && said.pages[0] && said.pages[0].items.length > 0 && (
                <Command.Group heading={t("said.title")} className={group}>
                  {said.pages[0].items.map((found) => (
                    <Row
                      key={found.id}
                      value={found.id}
                      icon={<ChannelTile channel={found.channel} size="s" />}
                      end={<span className="max-w-32 flex-none truncate text-12 text-t3 max-md:hidden">{speaker(found)}</span>}
                      run={() =>
                        void navigate({
                          to: "/inbox/$view/$conversation",
                          params: { view: "all", conversation: found.conversation },
                          search: { message: found.id },
                        })
                      }
                    >
                      <Excerpt stretches={found.excerpt} />
                    </Row>
                  ))}
                </Command.Group>
              )}
              {shownViews.length + shownSaved.length + shownPlaces.length > 0 && (
                <Command.Group heading={t("palette.go")} className={group}>
                  {shownViews.map((view) => {
                    const Icon = viewIcons[view];
                    return (
                      <Row
                        key={view}
                        value={t(`view.${view}`)}
                        icon={<Icon size={15} aria-hidden="true" />}
                        run={() => void navigate({ to: "/inbox/$view", params: { view } })}
                      >
                        {t(`view.${view}`)}
                      </Row>
                    );
                  })}
                  {shownSaved.map((view) => (
                    <Row key={view.id} value={`view ${view.name}`} icon={<Bookmark size={15} aria-hidden="true" />} run={() => saved.open(view)}>
                      {view.name}
                    </Row>
                  ))}
                  {shownPlaces.map(({ to, key, icon: Icon }) => (
                    <Row
                      key={key}
                      value={t(`place.${key}`)}
                      icon={<Icon size={15} aria-hidden="true" />}
                      run={() => void navigate({ to })}
                    >
                      {t(`place.${key}`)}
                    </Row>
                  ))}
                </Command.Group>
              )}
              {deeds.length > 0 && (
                <Command.Group heading={t("palette.do")} className={group}>
                  {deeds.map((deed) => (
                    <Row
                      key={deed.key}
                      value={deed.label}
                      icon={<deed.icon size={15} aria-hidden="true" />}
                      run={deed.run}
                      end={deed.key === "?" ? <Kbd>?</Kbd> : null}
                    >
                      {deed.label}
                    </Row>
                  ))}
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
};
