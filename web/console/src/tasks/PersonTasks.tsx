import { useQuery } from "@tanstack/react-query";
import { tasksAboutQuery } from "../api/queries.ts";
import { AddTask } from "./AddTask.tsx";
import { TaskRow } from "./TaskRow.tsx";

/** What is to be done for one person, and a line to add to it. */
export const PersonTasks = ({ customer, conversation }: { customer: string; conversation?: string | undefined }) => {
  const { data } = useQuery(tasksAboutQuery(customer));
  const tasks = data?.items ?? [];
  return (
    <>
      {tasks.length > 0 && (
        <ul className="divide-y divide-line">
          {tasks.map((task) => (
            <TaskRow key={task.id} task={task} named={false} />
          ))}
        </ul>
      )}
      <AddTask customer={customer} conversation={conversation} />
    </>
  );
};
