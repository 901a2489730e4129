-- Conference: tells one component what happens in the rooms of the MUC service it is loaded on,
-- without being in any of them. The protocol is in docs/feed-protocol.md.
--
-- Component "conference.example.org" "muc"
--   modules_enabled = { "conference_feed" }
--   conference_feed_component = "tracker.example.org"
--
-- Checked with Prosody 0.12.3 and the trunk that becomes 13. What is sent is always the state at
-- the moment of sending, so that a receiver who applies it in order ends with the truth, however
-- often a thing is told.

local st = require "util.stanza";
local jid = require "util.jid";
local uuid = require "util.uuid".generate;
local now = require "util.time".now;

local muc = module:depends("muc");

local xmlns_feed = "urn:xmpp:conference-feed:1";
local listener_domain = module:get_option_string("conference_feed_component");

-- How long changes are collected before they are sent, in seconds.
local collect_seconds = 0.003;
-- A stanza is closed once it holds about this much, in bytes, or took this long to build.
local stanza_bytes = 128 * 1024;
local stanza_seconds = 0.01;

-- The module's life: everything is numbered within it.
local life = uuid();
local last_number = 0;
-- The full JID that listens, or nil: then nothing is done.
local listener;
-- Room JID -> what of it must be told.
local dirty = {};
-- Room JID -> true for rooms that the listener has been told whole. Rooms can come to be without
-- any event: Prosody keeps a room whose first occupant was refused for a malformed nick.
local told = {};
-- Rooms that have ended. COMPAT(prosody 0.12): the only occupant of a temporary room who changes
-- nick ends the room, and events of what is left of it still come.
local ended = setmetatable({}, { __mode = "k" });
local is_flush_scheduled = false;
local is_stopping = false;
-- The snapshot under way: { rooms = array of JIDs, index = n, page = n, part = ... }
local snapshot;
-- Restoring a room from disk for a snapshot is no news of it.
local is_reading = false;

module:add_feature(xmlns_feed);

--- Encoding ---------------------------------------------------------------------------------

local function milliseconds(time)
	return time and ("%d"):format(math.floor(time * 1000 + 0.5)) or nil;
end

local function flag(value)
	return value and "1" or nil;
end

-- Whatever module limits the number of occupants shows it in the owner's form.
local function max_users(room)
	local form = room:get_form_layout(module.host);
	for _, field in ipairs(form) do
		if field.name == "muc#roomconfig_maxusers" then
			local value = field.value;
			if type(value) == "table" then value = value[1]; end
			return tostring(value or "");
		end
	end
end

local function is_tracker(occupant)
	return select(2, jid.split(occupant.bare_jid)) == listener_domain;
end

local function add_summary(stanza, room)
	local _, subject = room:get_subject();
	stanza:text_tag("name", room:get_name() or "");
	stanza:text_tag("description", room:get_description() or "");
	stanza:text_tag("subject", subject or "");
end

local function summary_attributes(room)
	return {
		created = milliseconds(room._data.conference_created);
		modified = milliseconds(room._data.conference_modified);
		persistent = flag(room:get_persistent());
		hidden = flag(room:get_hidden());
		max = max_users(room);
	};
end

local function add_occupant(stanza, room, occupant_jid)
	local occupant = room:get_occupant_by_nick(occupant_jid);
	local nick = jid.resource(occupant_jid);
	if not occupant or not occupant.role then
		stanza:tag("o", { n = nick, r = "none" }):up();
	elseif not is_tracker(occupant) then
		stanza:tag("o", {
			n = nick;
			r = occupant.role;
			a = room:get_affiliation(occupant.bare_jid) or "none";
			j = occupant.bare_jid;
		}):up();
	end
end

local function add_affiliation(stanza, room, bare_jid)
	stanza:tag("a", { j = bare_jid, a = room._affiliations[bare_jid] or "none" }):up();
end

--- Writing stanzas of bounded size and time ---------------------------------------------------

-- A writer collects rooms in one stanza and says when it is full.
local function new_writer(stanza)
	return { stanza = stanza, bytes = 0, deadline = now() + stanza_seconds };
end

local function is_full(writer)
	return writer.bytes >= stanza_bytes or now() >= writer.deadline;
end

-- Everything there is to say of a room, to be written in as many parts as it takes.
local function begin_whole(room)
	local part = { room = room, occupants = {}, affiliations = {}, is_first = true };
	for occupant_jid, occupant in room:each_occupant() do
		if is_tracker(occupant) then
			part.has_tracker = true;
		else
			table.insert(part.occupants, occupant_jid);
		end
	end
	for bare_jid in room:each_affiliation() do
		table.insert(part.affiliations, bare_jid);
	end
	return part;
end

-- Writes as much as the stanza holds; true when nothing is left.
local function write_whole(writer, part)
	local stanza, room = writer.stanza, part.room;
	local attributes = part.is_first and summary_attributes(room) or {};
	attributes.id = jid.node(room.jid);
	attributes.part = part.is_first and "first" or "next";
	attributes.tracker = flag(part.is_first and part.has_tracker);
	stanza:tag("room", attributes);
	if part.is_first then
		add_summary(stanza, room);
		writer.bytes = writer.bytes + 300;
		part.is_first = false;
	end
	repeat
		local occupant_jid = table.remove(part.occupants);
		local bare_jid = not occupant_jid and table.remove(part.affiliations);
		if occupant_jid then
			-- Read at the moment of sending: it may have changed since the first part.
			add_occupant(stanza, room, occupant_jid);
			writer.bytes = writer.bytes + #occupant_jid + 120;
		elseif bare_jid then
			add_affiliation(stanza, room, bare_jid);
			writer.bytes = writer.bytes + #bare_jid + 40;
		end
	until is_full(writer) or not (occupant_jid or bare_jid);
	local is_done = #part.occupants == 0 and #part.affiliations == 0;
	if is_done then
		told[room.jid] = true;
	else
		stanza:text_tag("more", "");
	end
	stanza:up();
	return is_done;
end

local function write_changes(writer, room, change)
	local stanza = writer.stanza;
	local attributes = change.summary and summary_attributes(room) or {};
	attributes.id = jid.node(room.jid);
	stanza:tag("room", attributes);
	if change.summary then add_summary(stanza, room); end
	for occupant_jid in pairs(change.occupants) do
		add_occupant(stanza, room, occupant_jid);
		writer.bytes = writer.bytes + #occupant_jid + 120;
	end
	for bare_jid in pairs(change.affiliations) do
		add_affiliation(stanza, room, bare_jid);
		writer.bytes = writer.bytes + #bare_jid + 40;
	end
	stanza:up();
	writer.bytes = writer.bytes + 200;
end

--- Sending what changed -----------------------------------------------------------------------

local function send_batch(writer)
	last_number = last_number + 1;
	writer.stanza.attr.number = ("%d"):format(last_number);
	module:send(st.message({ from = module.host, to = listener }):add_child(writer.stanza));
end

local function new_batch()
	return new_writer(st.stanza("batch", { xmlns = xmlns_feed, life = life }));
end

-- Writes one dirty room, into further batches where one is not enough.
local function flush_room(writer, room_jid, change)
	if change.is_gone then
		writer.stanza:tag("room", { id = jid.node(room_jid), gone = "1" }):up();
		writer.bytes = writer.bytes + 60;
		told[room_jid] = nil;
	end
	if change.room and (change.whole or not told[room_jid]) then
		local part = begin_whole(change.room);
		while not write_whole(writer, part) do
			send_batch(writer);
			writer = new_batch();
		end
	elseif change.room then
		if change.modified_by and next(change.modified_by) then
			change.room._data.conference_modified = now();
		end
		write_changes(writer, change.room, change);
	end
	return writer;
end

local function flush()
	is_flush_scheduled = false;
	if not listener or is_stopping then return; end
	local writer = new_batch();
	for room_jid, change in pairs(dirty) do
		dirty[room_jid] = nil;
		writer = flush_room(writer, room_jid, change);
		if is_full(writer) then break; end
	end
	send_batch(writer);
	if next(dirty) then
		is_flush_scheduled = true;
		-- Others come first: the rest goes with the next turn of the loop.
		module:add_timer(0, flush);
	end
end

local function touch(room_jid)
	local change = dirty[room_jid];
	if not change then
		change = { occupants = {}, affiliations = {} };
		dirty[room_jid] = change;
	end
	if not is_flush_scheduled then
		is_flush_scheduled = true;
		module:add_timer(collect_seconds, flush);
	end
	return change;
end

-- Returns what is to be told of a room, or nil where nobody is told.
local function touch_room(room)
	if not listener or ended[room] then return; end
	local change = touch(room.jid);
	change.room = room;
	return change;
end

--- What happens in rooms ----------------------------------------------------------------------

-- The date of creation is kept with the room, whether somebody listens or not.
module:hook("muc-room-created", function (event)
	local room = event.room;
	room._data.conference_created = room._data.conference_created or now();
	local change = touch_room(room);
	if change then change.whole = true; end
end, 100);

module:hook("muc-room-restored", function (event)
	local change = not is_reading and touch_room(event.room);
	if change then change.whole = true; end
end);

-- Before the tombstone takes the room's place and ends the event (-10).
module:hook("muc-room-destroyed", function (event)
	ended[event.room] = true;
	if not listener then return; end
	dirty[event.room.jid] = nil;
	touch(event.room.jid).is_gone = true;
end, 1);

-- Joins, leaves, nicks, roles, affiliations of the present: each is told by a presence.
module:hook("muc-broadcast-presence", function (event)
	local change = listener and not is_tracker(event.occupant) and touch_room(event.room);
	if change then change.occupants[event.occupant.nick] = true; end
end, -1000);

module:hook("muc-set-affiliation", function (event)
	local change = touch_room(event.room);
	if change then change.affiliations[event.jid] = true; end
end, -1000);

-- What is submitted is stored after this event, and whether anything changed is known then.
module:hook("muc-config-submitted", function (event)
	local change = touch_room(event.room);
	if not change then return; end
	change.summary = true;
	change.modified_by = event.status_codes;
end, 1000);

-- The subject is stored by a handler at 20, which ends the event.
module:hook("muc-occupant-groupchat", function (event)
	local change = listener and event.stanza:get_child("subject") and touch_room(event.room);
	if change then change.summary = true; end
end, 21);

-- Everybody is about to be put out: that is an outage, and nobody's leaving.
module:hook_global("server-stopping", function ()
	is_stopping = true;
end, 100);

--- Asking -------------------------------------------------------------------------------------

local function stop_listening()
	listener = nil;
	snapshot = nil;
	dirty = {};
	told = {};
end

local function list_room_jids()
	local jids, seen = {}, {};
	for room in muc.live_rooms() do
		if not seen[room.jid] then
			seen[room.jid] = true;
			table.insert(jids, room.jid);
		end
	end
	local persistent, err = module:open_store("persistent"):get(nil);
	if err then return nil, err; end
	for room_jid in pairs(persistent or {}) do
		if not seen[room_jid] then table.insert(jids, room_jid); end
	end
	return jids;
end

-- The room unless it is a tombstone; rooms swapped to disk are read back.
local function find_room(room_jid)
	is_reading = true;
	local ok, room = pcall(muc.get_room_from_jid, room_jid);
	is_reading = false;
	if not ok then error(room); end
	if room and not room._data.destroyed then return room; end
end

local function write_page(writer)
	while snapshot.index <= #snapshot.rooms do
		local room = find_room(snapshot.rooms[snapshot.index]);
		local part = snapshot.part;
		-- Destroyed, made anew or swapped out and in meanwhile: begin again with what is there.
		if not part or part.room ~= room then part = room and begin_whole(room); end
		snapshot.part = part;
		if part and not write_whole(writer, part) then return; end
		snapshot.part = nil;
		snapshot.index = snapshot.index + 1;
		if is_full(writer) then return; end
	end
end

local function answer_page(origin, stanza, page)
	local reply = st.reply(stanza):tag("page", {
		xmlns = xmlns_feed;
		life = life;
		number = ("%d"):format(last_number);
		rooms = ("%d"):format(#snapshot.rooms);
	});
	local writer = new_writer(reply);
	snapshot.page = page + 1;
	write_page(writer);
	if snapshot.index <= #snapshot.rooms then
		-- The page element is the one that stays open.
		reply:text_tag("next", ("%d"):format(snapshot.page));
	else
		snapshot = nil;
	end
	origin.send(reply);
	return true;
end

local function is_allowed(stanza)
	return listener_domain ~= nil and jid.host(stanza.attr.from) == listener_domain;
end

local function refuse(origin, stanza)
	origin.send(st.error_reply(stanza, "auth", "forbidden", "conference_feed_component names another component"));
	return true;
end

module:hook("iq-set/host/" .. xmlns_feed .. ":subscribe", function (event)
	local origin, stanza = event.origin, event.stanza;
	if not is_allowed(stanza) then return refuse(origin, stanza); end
	stop_listening();
	listener = stanza.attr.from;
	origin.send(st.reply(stanza):tag("subscribed", {
		xmlns = xmlns_feed;
		life = life;
		number = ("%d"):format(last_number);
	}));
	return true;
end);

module:hook("iq-set/host/" .. xmlns_feed .. ":unsubscribe", function (event)
	local origin, stanza = event.origin, event.stanza;
	if not is_allowed(stanza) then return refuse(origin, stanza); end
	if stanza.attr.from == listener then stop_listening(); end
	origin.send(st.reply(stanza));
	return true;
end);

module:hook("iq-get/host/" .. xmlns_feed .. ":snapshot", function (event)
	local origin, stanza = event.origin, event.stanza;
	if not is_allowed(stanza) or stanza.attr.from ~= listener then return refuse(origin, stanza); end
	local page = tonumber(stanza.tags[1].attr.page or "0");
	if page == 0 then
		local jids, err = list_room_jids();
		if not jids then
			module:log("error", "The list of persistent rooms cannot be read: %s", err);
			origin.send(st.error_reply(stanza, "wait", "internal-server-error"));
			return true;
		end
		snapshot = { rooms = jids, index = 1, page = 0 };
	elseif not snapshot or snapshot.page ~= page then
		origin.send(st.error_reply(stanza, "cancel", "item-not-found", "No such page"));
		return true;
	end
	return answer_page(origin, stanza, page);
end);

-- Whether nothing was lost: the receiver compares with what it has.
module:hook("iq-get/host/" .. xmlns_feed .. ":status", function (event)
	local origin, stanza = event.origin, event.stanza;
	if not is_allowed(stanza) then return refuse(origin, stanza); end
	origin.send(st.reply(stanza):tag("status", {
		xmlns = xmlns_feed;
		life = life;
		number = ("%d"):format(last_number);
		listening = flag(stanza.attr.from == listener);
	}));
	return true;
end);

-- A batch that comes back: the component is gone.
module:hook("message/host", function (event)
	local stanza = event.stanza;
	if stanza.attr.type == "error" and stanza.attr.from == listener then
		stop_listening();
		return true;
	end
end, 10);

function module.unload()
	stop_listening();
end
