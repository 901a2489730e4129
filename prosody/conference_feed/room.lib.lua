-- What is said of a room: its summary, who is in it, who is on its lists. A "change" holds what is
-- still to be said: { room, summary = boolean, occupants = set of occupant JIDs, affiliations =
-- set of bare JIDs, part = nil | "first" | "next" }. Everything is read at the moment of writing,
-- so that the last word on anything is the truth.

local dataforms = require "util.dataforms";
local jid = require "util.jid";

local function milliseconds(time)
	return time and ("%d"):format(math.floor(time * 1000 + 0.5)) or nil;
end

local function flag(value)
	return value and "1" or nil;
end

-- Whatever module limits the number of occupants shows it in the owner's form, where the value may
-- be a text, one of several options, or a default: the form as it is shown tells.
local function shown_max_users(room, reader)
	for _, field in ipairs(room:get_form_layout(reader)) do
		if field.name == "muc#roomconfig_maxusers" then
			local shown = dataforms.new({ field }):form():get_child("field");
			return shown and shown:get_child_text("value") or "";
		end
	end
end

-- A form is most of the work that a room makes, so it is asked for once in a stanza where it brings
-- nothing: a module shows its field in the form of every room.
local function max_users(writer, room, reader)
	if writer.is_without_max_users then return nil; end
	local shown = shown_max_users(room, reader);
	writer.is_without_max_users = not shown;
	return shown;
end

local function read_summary(writer, room, reader)
	local _, subject = room:get_subject();
	return {
		created = milliseconds(room._data.conference_created);
		modified = milliseconds(room._data.conference_modified);
		persistent = flag(room:get_persistent());
		hidden = flag(room:get_hidden());
		max = max_users(writer, room, reader);
	}, { name = room:get_name() or "", description = room:get_description() or "", subject = subject or "" };
end

local function is_of(occupant, domain)
	return jid.host(occupant.bare_jid) == domain;
end

local function write_occupant(writer, room, occupant_jid, tracker_domain)
	local occupant = room._occupants[occupant_jid];
	local nick = jid.resource(occupant_jid);
	if not occupant or not occupant.role then
		writer:add("o", { n = nick, r = "none" });
	elseif not is_of(occupant, tracker_domain) then
		writer:add("o", {
			n = nick;
			r = occupant.role;
			a = room:get_affiliation(occupant.bare_jid) or "none";
			j = occupant.bare_jid;
		});
	end
end

-- Writes and forgets what fits; true when all is written.
local function drain(writer, set, write)
	for key in pairs(set) do
		if writer:has_no_room() then return false; end
		set[key] = nil;
		write(key);
	end
	return true;
end

local function new_change(room)
	return { room = room, occupants = {}, affiliations = {} };
end

-- From now on the room is to be told whole, whatever of it has been told.
local function make_whole(change)
	change.part, change.summary = "first", true;
	change.occupants, change.affiliations = {}, {};
	for occupant_jid in pairs(change.room._occupants) do change.occupants[occupant_jid] = true; end
	for bare_jid in change.room:each_affiliation() do change.affiliations[bare_jid] = true; end
end

local function has_occupant_of(room, domain)
	for _, occupant in pairs(room._occupants) do
		if is_of(occupant, domain) then return true; end
	end
end

-- Writes as much as there is room for; true when nothing is left.
local function write(writer, change, reader, tracker_domain)
	local room = change.room;
	local attributes, texts = {}, nil;
	if change.summary then
		attributes, texts = read_summary(writer, room, reader);
		if writer:has_no_room(6 * (#texts.name + #texts.description + #texts.subject)) then return false; end
		change.summary = nil;
	end
	attributes.id = jid.node(room.jid);
	attributes.part = change.part;
	if change.part == "first" then
		attributes.tracker = flag(has_occupant_of(room, tracker_domain));
		change.part = "next";
	end
	writer:open("room", attributes);
	if texts then
		writer:add("name", {}, texts.name);
		writer:add("description", {}, texts.description);
		writer:add("subject", {}, texts.subject);
	end
	local is_done = drain(writer, change.occupants, function (occupant_jid)
		write_occupant(writer, room, occupant_jid, tracker_domain);
	end) and drain(writer, change.affiliations, function (bare_jid)
		writer:add("a", { j = bare_jid, a = room._affiliations[bare_jid] or "none" });
	end);
	if change.part and not is_done then writer:add("more", {}); end
	writer:close();
	return is_done;
end

return { new_change = new_change, make_whole = make_whole, write = write };
