-- For tests: does to the rooms of a MUC service what chat clients cannot do, or not quickly. Each
-- is an IQ set to the service from an account of the host that is named in the configuration.

local st = require "util.stanza";
local jid = require "util.jid";

local muc = module:depends("muc");

local xmlns = "urn:example:room-workshop";

local function answer(name, handle)
	module:hook(("iq-set/host/%s:%s"):format(xmlns, name), function (event)
		local origin, stanza = event.origin, event.stanza;
		if jid.host(stanza.attr.from) ~= module:get_option_string("room_workshop_for") then
			origin.send(st.error_reply(stanza, "auth", "forbidden"));
			return true;
		end
		handle(stanza.tags[1].attr);
		origin.send(st.reply(stanza));
		return true;
	end);
end

-- A persistent room with so many occupants, each a member, that nobody has seen coming in. They are
-- of a host that is here: what is sent to them gets lost, and does not come back to put them out.
-- The room shows nobody to others, since to show thousands to somebody who comes in takes seconds.
answer("fill", function (wanted)
	local room = muc.get_room_from_jid(wanted.room) or muc.create_room(wanted.room);
	room:set_persistent(true);
	room:set_presence_broadcast({});
	for number = 1, tonumber(wanted.count) do
		local bare_jid = ("person%d@localhost"):format(number);
		local occupant_jid = ("%s/%s %d"):format(wanted.room, wanted.nick or "person", number);
		local full_jid = bare_jid.."/phone";
		room._affiliations[bare_jid] = "member";
		local occupant = room:new_occupant(bare_jid, occupant_jid);
		occupant:set_session(full_jid, st.presence({ from = full_jid, to = occupant_jid }));
		room:save_occupant(occupant);
	end
	room:save(true);
end);

-- Takes all occupants out of a room in one turn of the loop.
answer("clear", function (wanted)
	muc.get_room_from_jid(wanted.room):clear();
end);

answer("reload", function (wanted)
	-- Not from within one of its own events.
	module:add_timer(0, function ()
		require "core.modulemanager".reload(module.host, wanted.module);
	end);
end);

--- A maximum of occupants, as modules for it bring it: a field of the owner's form.

module:hook("muc-config-form", function (event)
	table.insert(event.form, {
		name = "muc#roomconfig_maxusers";
		type = "list-single";
		label = "Maximum Number of Occupants";
		options = { "10", "20", "30" };
		value = event.room._data.max_users;
	});
end);

module:hook("muc-config-submitted/muc#roomconfig_maxusers", function (event)
	if event.room._data.max_users ~= event.value then
		event.room._data.max_users = event.value;
		event.status_codes["104"] = true;
	end
end);
