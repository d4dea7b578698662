#include "daemon/idempotency.hpp"

#include "core/crypto.hpp"
#include "core/request_tree.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/faces/face.hpp"
#include "daemon/faces/stripe/replies.hpp"
#include "storage/packing/packed_text.hpp"

#include <algorithm>

namespace postern::daemon {

using storage::IdempotencyRow;
using storage::StoreError;

namespace {

constexpr std::string_view kKeyField = "Idempotency-Key";
constexpr std::string_view kKeyMember = "idempotency_key";
constexpr std::string_view kReplayedField = "Idempotent-Replayed";
constexpr std::string_view kOriginalField = "Original-Request";
constexpr std::string_view kSealPurpose = "idempotent answer";
constexpr std::string_view kHashPurpose = "idempotent request";
constexpr std::size_t kKeyBytesMax = 255;
constexpr int kPaymentRefused = 402;

// A PUT is only another spelling of an update in the Stripe dialect; elsewhere it repeats by
// itself.
bool is_protected(const HttpRequest& request) {
    if (request.method == "POST") return true;
    return request.method == "PUT" && face_of(request.path) == Face::stripe;
}

bool is_key_text(std::string_view key) {
    return !key.empty() && key.size() <= kKeyBytesMax
           && std::all_of(key.begin(), key.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void append_length_and_text(std::string& out, std::string_view text) {
    out += std::to_string(text.size());
    out += ':';
    out += text;
}

// The same parameters give the same text, in whichever order and encoding they came: a client's
// table without an order of its own may spell a retry differently.
void append_sorted(std::string& out, const RequestNode& node) {
    if (node.kind == RequestNode::Kind::text) {
        out += 't';
        return append_length_and_text(out, node.text);
    }
    std::vector<const RequestMember*> members;
    for (const RequestMember& member : node.members) members.push_back(&member);
    std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) {
        return a->name < b->name;
    });
    out += '{';
    for (const RequestMember* member : members) {
        append_length_and_text(out, member->name);
        append_sorted(out, member->node);
    }
    out += '}';
}

std::string parameters_of(const HttpRequest& request) {
    std::string text;
    append_length_and_text(text, request.query);
    // JSON is what all but Stripe's clients send, whether they say so or not.
    const bool by_content_type = face_of(request.path) == Face::stripe;
    const auto body = by_content_type ? read_request_body(request) : read_json(request.body);
    if (body) {
        append_sorted(text, *body);
    } else {
        append_length_and_text(text, request.body);
    }
    return text;
}

// Keyed, because a body may hold a card number, and there are few enough of those to try them all.
std::string hash_of(const SecretBox& secrets, const OnceRequest& once, const HttpRequest& request) {
    std::string key = secrets.derive(kHashPurpose);
    std::string parameters = parameters_of(request);
    std::string digest = HmacKey{HashAlgorithm::sha256, key}.sign({once.route, "\n", parameters});
    wipe(parameters);
    wipe(key);
    return digest;
}

HttpReply no_key_reply(std::string_view where) {
    return error_reply(validation_error(
        {{std::string{where}, "must be one text of 1 to 255 printable ASCII characters"}}
    ));
}

HttpReply stripe_reuse_reply(const OnceRequest& once, std::string_view route_before) {
    std::string message = "Keys for idempotent requests can only be used ";
    if (route_before == once.route) {
        message += "with the same parameters they were first used with.";
    } else {
        message += "for the same endpoint they were first used for ('";
        message += route_before;
        message += "' vs '";
        message += once.route;
        message += "').";
    }
    message += " Try using a key other than '";
    message += once.key;
    message += "' if you meant to execute a different request.";
    return stripe::error_reply({.type = "idempotency_error", .message = std::move(message)});
}

HttpReply reuse_reply(const ApiCall& call, const OnceRequest& once, std::string_view route_before) {
    if (face_of(call.request.path) == Face::stripe) return stripe_reuse_reply(once, route_before);
    return error_reply(
        {.status = 409,
         .code = "IDEMPOTENCY_KEY_REUSED",
         .message = "This Idempotency-Key came with another request before; use a new key for each "
                    "request"}
    );
}

// An answer as it is packed and sealed: three lines about it, then its body.
struct KeptAnswer {
    std::string content_type;
    std::string route;
    std::string request_id;
    std::string body;
};

std::string seal(const SecretBox& secrets, const KeptAnswer& answer) {
    std::string text;
    for (const std::string* line : {&answer.content_type, &answer.route, &answer.request_id}) {
        text += *line;
        text += '\n';
    }
    text += answer.body;
    return secrets.seal(kSealPurpose, storage::pack_text(text));
}

std::string take_line(std::string& text) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string line = text.substr(0, end);
    text.erase(0, end + 1);
    return line;
}

std::optional<KeptAnswer> unseal(const SecretBox& secrets, const IdempotencyRow& row) {
    const auto packed = secrets.open(kSealPurpose, row.reply);
    if (!packed) return std::nullopt;
    auto text = storage::unpack_text(*packed);
    if (!text) return std::nullopt;
    KeptAnswer answer;
    answer.content_type = take_line(*text);
    answer.route = take_line(*text);
    answer.request_id = take_line(*text);
    answer.body = std::move(*text);
    return answer;
}

HttpReply replay(const IdempotencyRow& row, KeptAnswer answer) {
    HttpReply reply;
    reply.status = static_cast<int>(row.status);
    reply.content_type = std::move(answer.content_type);
    reply.body = std::move(answer.body);
    reply.fields.push_back({std::string{kReplayedField}, "true"});
    reply.fields.push_back({std::string{kOriginalField}, std::move(answer.request_id)});
    return reply;
}

// Anybody can see a publishable key, so who has it must neither use up the names that a shop may
// give to its requests nor be shown what they were answered. No key that is sent holds this byte.
constexpr char kPublic = '\x1f';

std::string stored_key(const Identity& identity, std::string_view key) {
    std::string stored;
    if (identity.kind == storage::KeyKind::publishable) stored += kPublic;
    stored += key;
    return stored;
}

}  // namespace

ReadOnce read_once(const ApiCall& call, std::string_view key_in_body) {
    const HttpRequest& request = call.request;
    if (!is_protected(request) || call.route->access == Access::open) return {};
    const auto keys = request.fields.all(kKeyField);
    const bool in_body = !key_in_body.empty();
    if (!in_body && keys.empty()) return {};
    const std::string_view key = in_body ? key_in_body : keys.front();
    if ((!in_body && keys.size() > 1) || !is_key_text(key)) {
        return {.once = {}, .refusal = no_key_reply(in_body ? kKeyMember : kKeyField)};
    }
    OnceRequest once{
        .row =
            {.account = call.identity.account,
             .livemode = call.identity.livemode,
             .key = stored_key(call.identity, key),
             .request_hash = {},
             .reply = {}},
        .key = std::string{key},
        .route = std::string{request.method},
        .request_id = call.request_id};
    once.route += ' ';
    once.route += request.path;
    once.row.request_hash = hash_of(call.around.secrets, once, request);
    return {.once = std::move(once), .refusal = {}};
}

Result<std::optional<HttpReply>, StoreError>
find_answer(storage::Connection& connection, const ApiCall& call, const OnceRequest& once) {
    const auto found = storage::find_idempotent_reply(connection, once.row);
    if (!found) return found.error();
    const bool counts =
        *found && (*found)->created_at >= call.around.clock.now() - kIdempotentReplyKept;
    if (!counts) return std::optional<HttpReply>{};
    auto answer = unseal(call.around.secrets, **found);
    if (!answer) {
        return std::optional{conflict_reply(
            "This request was carried out before, but its answer can no longer be read because the "
            "secret key beside the store was changed"
        )};
    }
    if (!equal_in_constant_time((*found)->request_hash, once.row.request_hash)) {
        return std::optional{reuse_reply(call, once, answer->route)};
    }
    return std::optional{replay(**found, std::move(*answer))};
}

Result<void, StoreError> keep_answer(
    storage::Transaction& transaction,
    const SecretBox& secrets,
    const OnceRequest& once,
    const HttpReply& reply
) {
    IdempotencyRow row = once.row;
    row.status = reply.status;
    row.reply = seal(
        secrets,
        {.content_type = reply.content_type,
         .route = once.route,
         .request_id = once.request_id,
         .body = reply.body}
    );
    row.created_at = transaction.now();
    return storage::put_idempotent_reply(transaction, row);
}

bool is_to_be_kept(const HttpReply& reply) {
    return (reply.status >= 200 && reply.status < 300) || reply.status == kPaymentRefused;
}

bool is_replayed(const HttpReply& reply) {
    return std::any_of(reply.fields.begin(), reply.fields.end(), [](const HttpReplyField& field) {
        return field.name == kReplayedField;
    });
}

std::optional<KeysInUse::Hold> KeysInUse::take(const OnceRequest& once) {
    Key key{once.row.account, once.row.livemode, once.row.key};
    const std::lock_guard lock{mutex_};
    if (!keys_.insert(key).second) return std::nullopt;
    return std::optional<Hold>{std::in_place, *this, std::move(key)};
}

void KeysInUse::release(const Key& key) {
    const std::lock_guard lock{mutex_};
    keys_.erase(key);
}

HttpReply key_in_use_reply(const ApiCall& call, const OnceRequest& once) {
    if (face_of(call.request.path) == Face::stripe) {
        HttpReply reply = stripe::error_reply(
            {.status = 409,
             .type = "idempotency_error",
             .code = "idempotency_key_in_use",
             .message = "There is currently another in-progress request using this Idempotency-Key "
                        "(that probably means you submitted twice, and the other request is still "
                        "going through): "
                        + once.key + ". Please try again later."}
        );
        reply.fields.push_back({"Stripe-Should-Retry", "true"});
        return reply;
    }
    return error_reply(
        {.status = 409,
         .code = "IDEMPOTENCY_KEY_REUSED",
         .message =
             "Another request with this Idempotency-Key is being carried out at this moment; "
             "ask again when it has been answered"}
    );
}

}  // namespace postern::daemon
