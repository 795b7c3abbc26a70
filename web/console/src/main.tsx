import "./styles.css";
import "./i18n/index.ts";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Tooltip } from "radix-ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { I18nextProvider } from "react-i18next";
import { RequestError } from "./api/client.ts";
import { i18n } from "./i18n/index.ts";
import { router } from "./router.tsx";
import { startTheme } from "./theme/theme.ts";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 30 * 60_000,
      refetchOnWindowFocus: true,
      retry: (count, error) =>
        count < 2 && !(error instanceof RequestError && error.status >= 400 && error.status < 500),
    },
  },
});

// A session that ended on the server ends on screen too.
client.getQueryCache().subscribe((event) => {
  if (event.type !== "updated" || event.action.type !== "error") return;
  const { error } = event.action;
  if (error instanceof RequestError && error.status === 401 && event.query.queryKey[0] !== "session") {
    void client.resetQueries({ queryKey: ["session"] });
  }
});

startTheme();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <I18nextProvider i18n={i18n}>
        <QueryClientProvider client={client}>
          <Tooltip.Provider>
            <RouterProvider router={router} />
          </Tooltip.Provider>
        </QueryClientProvider>
      </I18nextProvider>
    </StrictMode>,
  );
}
