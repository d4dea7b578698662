#include "daemon/api_keys.hpp"

#include "daemon/api/api_key_json.hpp"
#include "daemon/api/body_reader.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/api_limits.hpp"
#include "daemon/write_once.hpp"

#include <array>

namespace postern::daemon {

using storage::ApiKeyRow;
using storage::KeyKind;
using storage::Livemode;
using storage::Page;

namespace {

constexpr std::string_view kWhat = "API key";
constexpr std::size_t kNameBytesMax = 100;
constexpr std::size_t kWordBytesMax = 32;
constexpr std::int64_t kOverlapHoursMax = 168;
// Each key has a rate of its own; without a bound on keys there would be none on requests.
constexpr std::int64_t kWorkingKeysMax = 100;
constexpr int kCreated = 201;

constexpr std::array kKinds = {KeyKind::secret, KeyKind::restricted, KeyKind::publishable};

storage::ApiKeyFilter owner_filter(const ApiCall& call) {
    return {.account = call.identity.account, .livemode = call.identity.livemode};
}

std::optional<KeyKind> read_kind(BodyReader& body) {
    const auto sent = body.text("kind", kWordBytesMax);
    for (const KeyKind kind : kKinds) {
        if (sent == to_text(kind)) return kind;
    }
    body.complain("kind", "must be one of secret, restricted, publishable");
    return std::nullopt;
}

std::string read_scopes(BodyReader& body, std::optional<KeyKind> kind) {
    const JsonValue sent = body.value("scopes");
    if (!sent.exists()) return {};
    std::string known;
    for (const KeyScope scope : all_key_scopes()) {
        if (!known.empty()) known += ", ";
        known += to_text(scope);
    }
    if (!sent.is_array()) body.complain("scopes", "must be a list of " + known);
    KeyScopes scopes;
    const auto items = sent.items();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto scope = parse_key_scope(items[i].string());
        if (scope) {
            scopes.add(*scope);
        } else {
            body.complain("scopes." + std::to_string(i), "must be one of " + known);
        }
    }
    if (scopes.narrow() && kind != KeyKind::restricted) {
        body.complain("scopes", "narrow restricted keys only");
    }
    return stored_text(scopes);
}

std::string read_plan(BodyReader& body) {
    const auto sent = body.text("plan", kWordBytesMax);
    if (!sent) return {};
    const auto plan = parse_key_plan(*sent);
    if (plan && *plan != KeyPlan::of_mode) return *sent;
    body.complain("plan", "must be one of test, live, standard, enterprise");
    return {};
}

Livemode read_livemode(BodyReader& body, Livemode otherwise) {
    const JsonValue sent = body.value("livemode");
    if (!sent.exists()) return otherwise;
    const auto live = sent.boolean();
    if (!live) body.complain("livemode", "must be true or false");
    return live.value_or(false) ? Livemode::live : Livemode::test;
}

// A key in the making: the clear text is drawn once, however often the store runs the work.
struct FreshKey {
    std::string clear;
    ApiKeyRow row;
};

FreshKey fresh_key(const ApiCall& call, ApiKeyRow like) {
    FreshKey fresh;
    fresh.clear = make_api_key({.kind = like.kind, .livemode = like.livemode});
    fresh.row = {
        .account = like.account,
        .livemode = like.livemode,
        .kind = like.kind,
        .key_hash = hash_api_key(call.around.store.database.keys(), fresh.clear),
        .hint = api_key_hint(fresh.clear),
        .name = std::move(like.name),
        .scopes = std::move(like.scopes),
        .plan = std::move(like.plan)};
    return fresh;
}

Result<HttpReply, storage::StoreError>
insert_fresh(storage::Transaction& transaction, const ApiCall& call, FreshKey& fresh) {
    const auto id = storage::insert_api_key(transaction, fresh.row);
    if (!id) return id.error();
    fresh.row.id = *id;
    fresh.row.created_at = transaction.now();
    HttpReply reply = json_reply(api_key_body(call, {fresh.row, fresh.clear}));
    reply.status = kCreated;
    return reply;
}

bool may_grant(const ApiCall& call, const ApiKeyRow& wanted) {
    const ApiLimits* limits = call.around.limits;
    return limits == nullptr || limits->may_grant(call.identity, identity_of(wanted));
}

HttpReply forbidden_reply(std::string message) {
    return error_reply({.status = 403, .code = "FORBIDDEN", .message = std::move(message)});
}

Result<std::optional<ApiKeyRow>, storage::StoreError>
find_owned(storage::Connection& connection, const ApiCall& call, ApiKeyId id) {
    auto row = storage::find_api_key(connection, id);
    if (!row) return row.error();
    const bool visible = *row && (*row)->account == call.identity.account
                         && (*row)->livemode == call.identity.livemode;
    if (!visible) return std::optional<ApiKeyRow>{};
    return std::move(*row);
}

// Refuses one key more of that owner; nullopt: there may be one.
Result<std::optional<HttpReply>, storage::StoreError>
refuse_another(storage::Transaction& transaction, const storage::ApiKeyFilter& owner) {
    const auto working = storage::count_working_keys(transaction, owner);
    if (!working) return working.error();
    if (*working < kWorkingKeysMax) return std::optional<HttpReply>{};
    return std::optional{conflict_reply(
        "There are " + std::to_string(kWorkingKeysMax) + " API keys in use; revoke one first"
    )};
}

struct Roll {
    ApiKeyId id;
    std::chrono::hours overlap{0};
};

Result<HttpReply, storage::StoreError>
roll_in(storage::Transaction& transaction, const ApiCall& call, const Roll& roll) {
    const auto old = find_owned(transaction.connection(), call, roll.id);
    if (!old) return old.error();
    if (!*old) return not_found_reply(kWhat);
    if (status_of(**old, transaction.now()) != KeyStatus::active) {
        return conflict_reply("This API key was rolled or revoked before");
    }
    if (roll.overlap.count() > 0) {
        auto refusal = refuse_another(transaction, owner_filter(call));
        if (!refusal) return refusal.error();
        if (*refusal) return std::move(**refusal);
    }
    FreshKey fresh = fresh_key(call, **old);
    auto reply = insert_fresh(transaction, call, fresh);
    if (!reply) return reply.error();
    const auto replaced = storage::replace_api_key(
        transaction,
        roll.id,
        {.replaced_by = fresh.row.id, .expires_at = transaction.now() + roll.overlap}
    );
    if (!replaced) return replaced.error();
    return reply;
}

Result<HttpReply, storage::StoreError>
create_in(storage::Transaction& transaction, const ApiCall& call, FreshKey& fresh) {
    auto refusal =
        refuse_another(transaction, {.account = fresh.row.account, .livemode = fresh.row.livemode});
    if (!refusal) return refusal.error();
    if (*refusal) return std::move(**refusal);
    return insert_fresh(transaction, call, fresh);
}

// Without a secret key nobody could make another one.
Result<bool, storage::StoreError>
is_last_secret(storage::Connection& connection, const ApiCall& call, const ApiKeyRow& row) {
    if (row.kind != KeyKind::secret) return false;
    const auto lasting = storage::count_lasting_secret_keys(connection, owner_filter(call));
    if (!lasting) return lasting.error();
    const std::int64_t own = row.revoked_at || row.expires_at ? 0 : 1;
    return *lasting - own == 0;
}

Result<HttpReply, storage::StoreError>
revoke_in(storage::Transaction& transaction, const ApiCall& call, ApiKeyId id) {
    auto found = find_owned(transaction.connection(), call, id);
    if (!found) return found.error();
    if (!*found) return not_found_reply(kWhat);
    ApiKeyRow& row = **found;
    if (!row.revoked_at) {
        const auto last = is_last_secret(transaction.connection(), call, row);
        if (!last) return last.error();
        if (*last) {
            return conflict_reply(
                "This is the last secret key of its mode; make another one or roll it"
            );
        }
        const auto revoked = storage::revoke_api_key(transaction, id);
        if (!revoked) return revoked.error();
        row.revoked_at = transaction.now();
    }
    return json_reply(api_key_body(call, {row}));
}

HttpReply page_reply(const Page<ApiKeyRow>& page, const ApiCall& call) {
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const ApiKeyRow& row : page.rows) append_api_key(writer, call, {row});
    const bool more = page.more == Page<ApiKeyRow>::More::yes;
    const IdCodec& ids = call.around.store.ids;
    end_list(writer, more ? std::optional{ids.encode(page.rows.back().id)} : std::nullopt);
    return json_reply(std::move(body));
}

// After the commit. Sooner would let a request that reads meanwhile bring the old key back.
void forget_proof(const ApiCall& call, ApiKeyId id, const HttpReply& reply) {
    if (reply.status >= 300) return;
    call.around.proven_keys->forget(id);
    tell(call.around.neighbours);
}

}  // namespace

net::Task<HttpReply> list_api_keys(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    const auto wish = parameters.page<ApiKeyId>(call.around.store.ids);
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    Page<ApiKeyRow> page;
    const ReadWork work = [&call, &wish, &page](storage::Connection& connection) -> StoreResult {
        auto listed = storage::list_api_key_page(connection, owner_filter(call), wish);
        if (!listed) return listed.error();
        page = std::move(*listed);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    co_return page_reply(page, call);
}

net::Task<HttpReply> create_api_key(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    BodyReader body{call.request.body};
    const auto kind = read_kind(body);
    ApiKeyRow wanted;
    wanted.account = call.identity.account;
    wanted.livemode = read_livemode(body, call.identity.livemode);
    wanted.kind = kind.value_or(KeyKind::secret);
    wanted.name = body.text("name", kNameBytesMax).value_or("");
    wanted.scopes = read_scopes(body, kind);
    wanted.plan = read_plan(body);
    if (const auto error = body.finish()) co_return error_reply(*error);
    if (wanted.livemode == Livemode::live && call.identity.livemode == Livemode::test) {
        co_return forbidden_reply("A test key cannot make live keys; use a secret live key");
    }
    if (!may_grant(call, wanted))
        co_return forbidden_reply(
            "A key cannot give more requests than it has itself; use one with a larger plan"
        );
    FreshKey fresh = fresh_key(call, std::move(wanted));
    const OnceWork work = [&call, &fresh](storage::Transaction& transaction) {
        return create_in(transaction, call, fresh);
    };
    auto writing = write_once(call, work);
    co_return co_await std::move(writing);
}

net::Task<HttpReply> roll_api_key(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto id = call.around.store.ids.decode<ApiKeyId>(call.path_parameters.front());
    if (!id) co_return not_found_reply(kWhat);
    BodyReader body{call.request.body};
    const auto hours = body.integer("overlap_hours", {.min = 0, .max = kOverlapHoursMax});
    if (const auto error = body.finish()) co_return error_reply(*error);
    const Roll roll{.id = *id, .overlap = std::chrono::hours{hours.value_or(0)}};
    const OnceWork work = [&call, &roll](storage::Transaction& transaction) {
        return roll_in(transaction, call, roll);
    };
    auto writing = write_once(call, work);
    HttpReply reply = co_await std::move(writing);
    forget_proof(call, *id, reply);
    co_return reply;
}

net::Task<HttpReply> revoke_api_key(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto id = call.around.store.ids.decode<ApiKeyId>(call.path_parameters.front());
    if (!id) co_return not_found_reply(kWhat);
    const OnceWork work = [&call, id](storage::Transaction& transaction) {
        return revoke_in(transaction, call, *id);
    };
    auto writing = write_once(call, work);
    HttpReply reply = co_await std::move(writing);
    forget_proof(call, *id, reply);
    co_return reply;
}

}  // namespace postern::daemon
