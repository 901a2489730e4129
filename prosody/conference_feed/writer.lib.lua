-- Writes elements of bounded size, and bounded time to make them, as the text that goes out: to
-- make a tree of a stanza and that text of the tree makes ten times as much garbage, and garbage is
-- most of the work that this module makes.

local valid_utf8 = require "util.encodings".utf8.valid;
local now = require "util.time".now;

-- An element is full once it holds about this much, in bytes, or took this long to make, in seconds.
local full_bytes = 32 * 1024;
local full_seconds = 0.006;

local writer = {};
writer.__index = writer;

local escapes = { ["'"] = "&apos;", ["\""] = "&quot;", ["<"] = "&lt;", [">"] = "&gt;", ["&"] = "&amp;" };

-- The text as it may stand in an element or an attribute. What may stand in no XML would end the
-- stream, and with it the feed of all rooms: it is left out, or replaced.
local function escape(text)
	if not text:find("[%c'\"<>&\128-\255]") then return text; end
	if not valid_utf8(text) then text = text:gsub("[\128-\255]", "?"); end
	return (text:gsub("[%z\1-\8\11\12\14-\31]", ""):gsub("['\"<>&]", escapes));
end

-- Appends what is XML already.
function writer:add(text)
	local count = self.count + 1;
	self.pieces[count] = text;
	self.count = count;
	self.bytes = self.bytes + #text;
end

-- Whether nothing more should be written, such as the next room.
function writer:is_full()
	return self:has_no_room() or self.bytes > 0 and now() >= self.deadline;
end

-- Whether nothing more can be written, so that even a room must be cut in two. Anything fits into
-- an empty element. What is cut for its length alone is cut seldom: so many elements take less time
-- than is given.
function writer:has_no_room(more_bytes)
	return self.bytes > 0 and self.bytes + (more_bytes or 0) >= full_bytes;
end

-- All that was added, between a head and a tail.
function writer:text(head, tail)
	self.pieces[0], self.pieces[self.count + 1] = head, tail;
	return table.concat(self.pieces, "", 0, self.count + 1);
end

local function new()
	return setmetatable({ pieces = {}, count = 0, bytes = 0, deadline = now() + full_seconds }, writer);
end

return { new = new, escape = escape };
