import { useQuery } from "@tanstack/react-query";
import { tasksAboutQuery } from "../api/queries.ts";
import { AddTask } from "./AddTask.tsx";
import { TaskRow } from "./TaskRow.tsx";
import { useMayChange } from "../session/may.ts";
import { useTranslation } from "react-i18next";

/** What is to be done for one person, and a line to add to it. */
export const PersonTasks = ({ customer, conversation }: { customer: string; conversation?: string | undefined }) => {
  const { data } = useQuery(tasksAboutQuery(customer));
  const tasks = data?.items ?? [];
  const may = useMayChange();
  const { t } = useTranslation();
  return (
    <>
      {tasks.length > 0 && (
        <ul className="divide-y divide-line">
          {tasks.map((task) => (
            <TaskRow key={task.id} task={task} named={false} />
          ))}
        </ul>
      )}
      {may ? <AddTask customer={customer} conversation={conversation} /> : tasks.length === 0 && <p className="text-t3">{t("reading.noTasks")}</p>}
    </>
  );
};
