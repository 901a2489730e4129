-- What is said of a room: its summary, who is in it, who is on its lists. A "change" holds what is
-- still to be said: { room, summary = boolean, occupants = set of occupant JIDs, affiliations =
-- set of bare JIDs, part = nil | "first" | "next" }. Everything is read at the moment of writing,
-- so that the last word on anything is the truth.

local dataforms = require "util.dataforms";
local jid = require "util.jid";

local escape = module:require "writer".escape;

-- An attribute with the space before it, or nothing at all.
local function milliseconds(name, time)
	return time and (" %s='%d'"):format(name, math.floor(time * 1000 + 0.5)) or "";
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
	if writer.is_without_max_users then return ""; end
	local shown = shown_max_users(room, reader);
	writer.is_without_max_users = not shown;
	return shown and " max='" .. escape(shown) .. "'" or "";
end

-- The attributes of the summary, and its texts.
local function read_summary(writer, room, reader)
	local _, subject = room:get_subject();
	local data = room._data;
	return milliseconds("created", data.conference_created)
		.. milliseconds("modified", data.conference_modified)
		.. (room:get_persistent() and " persistent='1'" or "")
		.. (room:get_hidden() and " hidden='1'" or "")
		.. max_users(writer, room, reader),
		"<name>" .. escape(room:get_name() or "")
		.. "</name><description>" .. escape(room:get_description() or "")
		.. "</description><subject>" .. escape(subject or "") .. "</subject>";
end

-- Whether a bare JID is of one of the domains. This is asked of everybody, so the JID is not taken apart:
-- there is one @ in it at most.
local function is_of(bare_jid, domains)
	return domains[bare_jid:match("@(.*)$") or bare_jid];
end

local function write_occupant(writer, room, occupant_jid, tracker_domains)
	local occupant = room._occupants[occupant_jid];
	-- An occupant's JID is that of the room, a slash and the nick.
	local nick = escape(occupant_jid:sub(#room.jid + 2));
	if not occupant or not occupant.role then
		writer:add("<o n='" .. nick .. "' r='none'/>");
	elseif not is_of(occupant.bare_jid, tracker_domains) then
		local affiliation = room:get_affiliation(occupant.bare_jid) or "none";
		writer:add("<o n='" .. nick .. "' r='" .. occupant.role .. "' a='" .. affiliation
			.. "' j='" .. escape(occupant.bare_jid) .. "'/>");
	end
end

local function write_affiliation(writer, room, bare_jid)
	local affiliation = room._affiliations[bare_jid] or "none";
	writer:add("<a j='" .. escape(bare_jid) .. "' a='" .. affiliation .. "'/>");
end

-- Writes and forgets what fits; true when all is written.
local function drain(writer, set, write, room, tracker_domains)
	for key in pairs(set) do
		if writer:has_no_room() then return false; end
		set[key] = nil;
		write(writer, room, key, tracker_domains);
	end
	return true;
end

-- Writes what fits of all that a table has, and puts the rest into the set; true without a rest.
local function begin(writer, all, set, write, room, tracker_domains)
	local is_done = true;
	for key in pairs(all) do
		if is_done and writer:has_no_room() then is_done = false; end
		if is_done then
			write(writer, room, key, tracker_domains);
		else
			set[key] = true;
		end
	end
	return is_done;
end

local function new_change(room)
	return { room = room, occupants = {}, affiliations = {} };
end

-- From now on the room is to be told whole, whatever of it has been told.
local function make_whole(change)
	change.part, change.summary = "first", true;
	if next(change.occupants) then change.occupants = {}; end
	if next(change.affiliations) then change.affiliations = {}; end
end

local function has_occupant_of(room, domains)
	for _, occupant in pairs(room._occupants) do
		if is_of(occupant.bare_jid, domains) then return true; end
	end
end

-- Writes as much as there is room for; true when nothing is left.
local function write(writer, change, reader, tracker_domains)
	local room, part = change.room, change.part;
	local attributes, texts = "", "";
	if change.summary then
		attributes, texts = read_summary(writer, room, reader);
		if writer:has_no_room(#texts) then return false; end
		change.summary = nil;
	end
	if part then attributes = attributes .. " part='" .. part .. "'"; end
	if part == "first" and has_occupant_of(room, tracker_domains) then attributes = attributes .. " tracker='1'"; end
	writer:add("<room id='" .. escape(jid.node(room.jid)) .. "'" .. attributes .. ">" .. texts);
	local is_done;
	if part == "first" then
		change.part = "next";
		-- Both, even where there is no room for the first: what is not written is noted.
		is_done = begin(writer, room._occupants, change.occupants, write_occupant, room, tracker_domains);
		is_done = begin(writer, room._affiliations, change.affiliations, write_affiliation, room) and is_done;
	else
		is_done = drain(writer, change.occupants, write_occupant, room, tracker_domains)
			and drain(writer, change.affiliations, write_affiliation, room);
	end
	writer:add(part and not is_done and "<more/></room>" or "</room>");
	return is_done;
end

-- Says one thing of a room, and nothing else: that it is gone, or unreadable.
local function write_flag(writer, room_jid, name)
	writer:add("<room id='" .. escape(jid.node(room_jid)) .. "' " .. name .. "='1'/>");
end

return { new_change = new_change, make_whole = make_whole, write = write, write_flag = write_flag, is_of = is_of };
