import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Download, FileClock, UserX } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useErasing } from "../api/actions.ts";
import { exportAddress } from "../api/endpoints.ts";
import { sessionQuery } from "../api/queries.ts";
import type { Customer } from "../api/types.ts";
import { Button, buttonClass } from "../elements/Button.tsx";
import { Card } from "../elements/Card.tsx";
import { Modal } from "../elements/Sheet.tsx";
import { useMoment } from "../time/use-moment.ts";
import { timeOfDay } from "../time/words.ts";

/** Everything about a person as a file, and the way to take the person away. */
export const Privacy = ({ customer, name }: { customer: Customer; name: string }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const { data: session } = useQuery(sessionQuery);
  const { erase, keep } = useErasing(customer.id);
  const [asking, setAsking] = useState(false);
  const role = session?.teammate.role;
  const may = role === "owner" || role === "admin";
  const due = customer.erased_at;
  return (
    <Card title={t("privacy.title")}>
      {!may && <p className="text-t2">{t("privacy.askOwner")}</p>}
      {may && due && (
        <div role="status" className="mb-3 rounded-2 border border-danger-line bg-danger-soft p-3">
          <p className="font-semibold text-danger">{t("privacy.waits", { when: timeOfDay(due, moment) })}</p>
          <Button className="mt-2" disabled={keep.isPending} onClick={() => keep.mutate()}>
            {t("privacy.keep")}
          </Button>
        </div>
      )}
      {may && (
        <div className="flex flex-wrap gap-2">
          <a href={exportAddress(customer.id)} download className={buttonClass("line")}>
            <Download size={14} aria-hidden="true" />
            {t("privacy.export")}
          </a>
          <Link to="/audit" search={{ subject: customer.id }} className={buttonClass("line")}>
            <FileClock size={14} aria-hidden="true" />
            {t("privacy.audit")}
          </Link>
          {!due && (
            <Button look="danger" onClick={() => setAsking(true)}>
              <UserX size={14} aria-hidden="true" />
              {t("privacy.erase")}
            </Button>
          )}
        </div>
      )}
      {(erase.isError || keep.isError) && (
        <p role="alert" className="mt-2 text-12 text-danger">
          {t("settings.failed")}
        </p>
      )}
      <Modal open={asking} onClose={() => setAsking(false)} title={t("privacy.sure", { name })}>
        <p className="text-t2">{t("privacy.sureText")}</p>
        <footer className="mt-4 flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>{t("actions.cancel")}</Button>
          <Button
            look="danger"
            onClick={() => {
              setAsking(false);
              erase.mutate();
            }}
          >
            {t("privacy.do")}
          </Button>
        </footer>
      </Modal>
    </Card>
  );
};
