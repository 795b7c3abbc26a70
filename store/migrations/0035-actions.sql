-- Actions are rows of what is remembered: found by the hash of what opens their document, and by waiting for a teammate.
create index memory_opener on memory (topic) where kind = 'action';
create index memory_waiting on memory (workspace, at) where kind = 'action' and status = 'waiting';
