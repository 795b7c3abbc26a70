import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMerge, useUndoMerge } from "../api/actions.ts";
import { customersQuery } from "../api/queries.ts";
import type { Customer } from "../api/types.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { Button } from "../elements/Button.tsx";
import { Shield } from "../elements/Proof.tsx";
import { Modal } from "../elements/Sheet.tsx";
import { toast } from "../elements/toast.ts";
import { useNavigate } from "@tanstack/react-router";
import { MergePreview } from "./MergePreview.tsx";

interface MergeProps {
  customer: Customer;
  open: boolean;
  onClose: () => void;
}

/** Finds the other record of the same person, shows what will be joined, and joins them. */
export const MergeDialog = ({ customer, open, onClose }: MergeProps) => {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [other, setOther] = useState<Customer | null>(null);
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({ ...customersQuery(wanted), enabled: open });
  const navigate = useNavigate();
  const merge = useMerge();
  const undo = useUndoMerge();
  const people = (found.data?.items ?? []).filter((person) => person.id !== customer.id).slice(0, 6);
  const [turned, setTurned] = useState(false);
  const name = customer.name ?? t("customer.nameless");
  const [kept, absorbed] = turned && other ? [other, customer] : [customer, other];
  const join = async () => {
    if (!absorbed) return;
    const done = await merge.mutateAsync({ customer: kept.id, absorb: absorbed.id }).catch(() => null);
    if (!done) return;
    onClose();
    setOther(null);
    setTurned(false);
    if (turned) void navigate({ to: "/people/$customer", params: { customer: done.customer }, replace: true });
    toast(t("toast.merged", { name }), () => undo.mutate(done.id));
  };
  return (
    <Modal open={open} onClose={onClose} title={t("merge.title", { name })}>
      <label className="block">
        <span className="mb-1 block text-12 text-t2">{t("merge.find")}</span>
        <input
          type="search"
          data-first
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setOther(null);
          }}
          className="h-9 w-full rounded-2 border border-line-control bg-s1 px-3 outline-none focus-visible:border-accent"
        />
      </label>
      <ul className="mt-2 grid gap-0.5">
        {people.map((person) => (
          <li key={person.id}>
            <button
              type="button"
              aria-pressed={other?.id === person.id}
              onClick={() => setOther(person)}
              className={clsx(
                "flex min-h-9 w-full items-center gap-2.5 rounded-2 px-2 text-left",
                other?.id === person.id ? "bg-accent-soft" : "hover:bg-s2",
              )}
            >
              <Avatar name={person.name} size="m" />
              <span className="font-medium">{person.name ?? t("customer.nameless")}</span>
              <Shield proof={person.proof} />
              <span className="min-w-0 flex-1 truncate text-right text-12 text-t3">
                {person.identifiers.map(({ value }) => value).join(", ")}
              </span>
            </button>
          </li>
        ))}
        {found.data && people.length === 0 && <li className="px-2 py-4 text-t3">{t("people.nobody")}</li>}
      </ul>
      {absorbed && <MergePreview kept={kept} absorbed={absorbed} onTurn={() => setTurned(!turned)} />}
      {merge.isError && (
        <p role="alert" className="mt-2 text-danger">
          {t("merge.failed")}
        </p>
      )}
      <footer className="mt-4 flex items-center gap-2">
        <span className="flex-1 text-12 text-t3">{t("merge.undoable")}</span>
        <Button onClick={onClose}>{t("actions.cancel")}</Button>
        <Button look="ink" disabled={!other || merge.isPending} onClick={() => void join()}>
          {t("merge.do")}
        </Button>
      </footer>
    </Modal>
  );
};
