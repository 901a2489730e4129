-- Conference: tells a component what happens in the rooms of the MUC service it is loaded on,
-- without being in any of them. The protocol is in docs/feed-protocol.md.
--
-- Component "conference.example.org" "muc"
--   modules_enabled = { "conference_feed" }
--   conference_feed_component = "tracker.example.org" -- or several: { "a.example.org", "b.example.org" }
--
-- This file holds what happens and what is asked; the folder conference_feed beside it, which must
-- be in the same folder of plugins, holds how it is told.

local st = require "util.stanza";
local jid = require "util.jid";
local uuid = require "util.uuid".generate;
local now = require "util.time".now;

local muc = module:depends("muc");

local feed = {
	xmlns = "urn:xmpp:conference-feed:1";
	-- The module's life: everything is numbered within it.
	life = uuid();
	number = 0;
	-- Domain -> true for the components that may listen, one at a time.
	domains = {};
	-- The full JID that listens, or nil: then nothing is done.
	listener = nil;
	-- Its component's stream. When that ends, so does the subscription.
	session = nil;
	-- Room JID -> true for rooms that the listener has been told whole, or is being told. Rooms can
	-- come to be without any event that says so.
	told = {};
	-- Room JID -> the room in memory. What Prosody has swapped to disk since may be here still, and
	-- is then as it is on disk: once it is read back, there is another object in its place.
	live = setmetatable({}, { __mode = "v" });
	is_stopping = false;
};

-- The tag that opens an element of ours which says where the feed stands.
function feed:open_tag(name, attributes)
	return ("<%s xmlns='%s' life='%s' number='%d'%s>"):format(name, self.xmlns, self.life, self.number, attributes or "");
end

for room in muc.live_rooms() do feed.live[room.jid] = room; end

local writers = module:require "writer";
local rooms = module:require "room";
local gently = module:require "gently";
local changes = module:require "changes".new(feed);
local snapshots = module:require "snapshot";
local readings = module:require "reading";

-- The snapshot and the reading of one room that are under way, or nil.
local snapshot, reading;

-- Rooms that have ended. COMPAT(prosody 0.12): the only occupant of a temporary room who changes
-- nick ends the room, and events of what is left of it still come. Shown by "the only occupant
-- changes nick" in test/scenarios/feed.test.ts.
local ended = setmetatable({}, { __mode = "k" });

for domain in module:get_option_set("conference_feed_component", {}):items() do
	feed.domains[jid.prep(domain) or ""] = true;
end

if next(feed.domains) then
	module:add_feature(feed.xmlns);
else
	module:log("error", "conference_feed_component must name the components to be told, e.g. tracker.example.org");
end

--- What happens in rooms ----------------------------------------------------------------------
-- What is told is read some milliseconds after the event, so that the order among the handlers of
-- an event does not matter, but for those that must not be missed because another ends the event.

local function stop_listening()
	feed.listener, feed.session = nil, nil;
	feed.told = {};
	snapshot, reading = nil, nil;
	changes:reset();
end

local function is_listened()
	if feed.session and feed.session.destroyed then stop_listening(); end
	return feed.listener ~= nil;
end

-- Returns what is to be told of a room, or nil where nobody is told.
local function touch(room)
	-- A tombstone is no room, nor is the service itself, whose bare domain can be entered like one.
	if not is_listened() or ended[room] or room._data.destroyed or not jid.node(room.jid) then return nil; end
	return changes:touch_room(room);
end

local function touch_whole(room)
	feed.live[room.jid] = room;
	if snapshot and snapshot:begin_again(room.jid) then return; end
	local change = touch(room);
	if change then change.is_whole = true; end
end

-- The date of creation is kept with the room, whether somebody listens or not.
local function on_created(event)
	local room = event.room;
	room._data.conference_created = room._data.conference_created or now();
	touch_whole(room);
end

-- Once the room is kept in memory (-1000): it stays, even if its first occupant is then refused.
module:hook("muc-room-pre-create", on_created, -2000);
-- Rooms made by other modules.
module:hook("muc-room-created", on_created, 1000);

module:hook("muc-room-restored", function (event)
	touch_whole(event.room);
end, 1000);

-- Before the tombstone takes the room's place and ends the event (-10).
module:hook("muc-room-destroyed", function (event)
	local room = event.room;
	ended[room] = true;
	feed.live[room.jid] = nil;
	if snapshot then snapshot:begin_again(room.jid); end
	if is_listened() and jid.node(room.jid) then changes:touch_gone(room.jid); end
end, 1);

-- Joins, leaves, nicks, roles, affiliations of the present: each is told by a presence.
module:hook("muc-broadcast-presence", function (event)
	local occupant = event.occupant;
	if not feed.listener or rooms.is_of(occupant.bare_jid, feed.domains) then return; end
	local change = touch(event.room);
	if change then change.occupants[occupant.nick] = true; end
end, 1000);

module:hook("muc-set-affiliation", function (event)
	local change = touch(event.room);
	if change then change.affiliations[event.jid] = true; end
end, 1000);

-- Whether the form changes anything is known from status codes that are yet to come, and the room
-- is stored before everybody is told of them: the date must be there by then.
module:hook("muc-config-submitted", function (event)
	local room = event.room;
	setmetatable(event.status_codes, {
		__newindex = function (codes, code, value)
			rawset(codes, code, value);
			room._data.conference_modified = now();
		end;
	});
	local change = touch(room);
	if change then change.summary = true; end
end, 1000);

-- A new subject, or a configuration that another module changed.
module:hook("muc-broadcast-message", function (event)
	if not feed.listener then return; end
	local stanza = event.stanza;
	if stanza:get_child("subject") or stanza:get_child("x", "http://jabber.org/protocol/muc#user") then
		local change = touch(event.room);
		if change then change.summary = true; end
	end
end, 1000);

-- Everybody is about to be put out: that is an outage, and nobody's leaving.
module:hook_global("server-stopping", function ()
	feed.is_stopping = true;
end, 1000);

--- Asking -------------------------------------------------------------------------------------

-- An answer that says where the feed stands, and what was written besides.
local function reply(stanza, name, attributes, writer)
	local head = st.reply(stanza):top_tag() .. feed:open_tag(name, attributes);
	return (writer or writers.new()):text(head, "</" .. name .. "></iq>");
end

local function is_from_listener(stanza, origin)
	return stanza.attr.from == feed.listener and origin == feed.session;
end

-- Answers one of the protocol's questions, if a configured component asks it.
local function answer(kind, name, handle)
	module:hook(("iq-%s/host/%s:%s"):format(kind, feed.xmlns, name), function (event)
		local origin, stanza = event.origin, event.stanza;
		if origin.type == "component" and feed.domains[jid.host(stanza.attr.from)] then
			origin.send(handle(stanza, origin));
		else
			origin.send(st.error_reply(stanza, "auth", "forbidden", "This feed is for another component"));
		end
		return true;
	end);
end

-- What is sent goes at once. A page is written to the socket in pieces of 8 KiB, and each would
-- wait for the receipt of the one before it, which the receiver puts off for 40 ms.
local function send_at_once(origin)
	local conn = origin.conn;
	if conn and conn.setoption then conn:setoption("tcp-nodelay", true); end
end

answer("set", "subscribe", function (stanza, origin)
	send_at_once(origin);
	stop_listening();
	feed.listener, feed.session = stanza.attr.from, origin;
	return reply(stanza, "subscribed");
end);

answer("set", "unsubscribe", function (stanza)
	if stanza.attr.from == feed.listener then stop_listening(); end
	return st.reply(stanza);
end);

-- Whether nothing was lost: the receiver compares with what it has.
answer("get", "status", function (stanza, origin)
	return reply(stanza, "status", is_from_listener(stanza, origin) and " listening='1'");
end);

-- Answers with the next page of a snapshot or a reading.
local function answer_page(stanza, pages, writer)
	local attributes = (" rooms='%d'"):format(#pages.jids);
	pages:write_page(writer);
	if not pages:is_over() then writer:add(("<next>%d</next>"):format(pages.next_page)); end
	return reply(stanza, "page", attributes, writer);
end

local function answer_snapshot(stanza, page)
	local writer = writers.new();
	if page == 0 then
		feed.told = {};
		local err;
		snapshot, err = snapshots.new(feed, changes, muc);
		if not snapshot then
			module:log("error", "The list of stored rooms cannot be read: %s", err);
			return st.error_reply(stanza, "wait", "internal-server-error");
		end
	end
	local answered = answer_page(stanza, snapshot, writer);
	if snapshot:is_over() then snapshot = nil; end
	return answered;
end

answer("get", "snapshot", function (stanza, origin)
	if not is_from_listener(stanza, origin) then
		return st.error_reply(stanza, "cancel", "unexpected-request", "Subscribe first");
	end
	local page = tonumber(stanza.tags[1].attr.page or "0");
	if page ~= 0 and not (snapshot and snapshot.next_page == page) then
		return st.error_reply(stanza, "cancel", "item-not-found", "No such page");
	end
	return gently:run(function () return answer_snapshot(stanza, page); end);
end);

-- One room as it is: nothing counts as told by that.
answer("get", "room", function (stanza, origin)
	if not is_from_listener(stanza, origin) then
		return st.error_reply(stanza, "cancel", "unexpected-request", "Subscribe first");
	end
	local asked = stanza.tags[1].attr;
	local page = tonumber(asked.page or "0");
	if (asked.id or "") == "" then
		return st.error_reply(stanza, "modify", "bad-request", "Which room?");
	elseif page == 0 then
		reading = readings.new(feed, muc, jid.join(asked.id, module.host));
	elseif not reading or reading.next_page ~= page or jid.node(reading.jids[1]) ~= asked.id then
		return st.error_reply(stanza, "cancel", "item-not-found", "No such page");
	end
	local answered = answer_page(stanza, reading, writers.new());
	if reading:is_over() then reading = nil; end
	return answered;
end);

-- A batch that comes back: the component is gone.
module:hook("message/host", function (event)
	local stanza = event.stanza;
	if stanza.attr.type == "error" and stanza.attr.from == feed.listener then
		stop_listening();
		return true;
	end
end, 10);

--- Being loaded anew --------------------------------------------------------------------------

function module.unload()
	gently:stop();
end

function module.save()
	return { listener = feed.listener, session = feed.session };
end

-- Whoever listened learns by the new life that this is another beginning, and asks anew.
function module.restore(saved)
	if not saved.session or saved.session.destroyed or not feed.domains[jid.host(saved.listener)] then return; end
	feed.listener, feed.session = saved.listener, saved.session;
	changes:send(writers.new());
	stop_listening();
end
