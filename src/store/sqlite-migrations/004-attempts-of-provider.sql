-- Which messages a provider was tried for: one that was for few is not to be looked for among all of them.
create index attempts_of_provider on attempts (provider, message_id);
