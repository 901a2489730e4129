-- Prosody gives its modules these.
std = "lua54"
globals = { "module" }
max_line_length = 120
