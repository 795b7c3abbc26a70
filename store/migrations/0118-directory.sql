-- The people page lists those first whose lead score is highest.
create index customer_scored on customer (workspace, score, created_at, id);
