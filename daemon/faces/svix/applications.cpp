#include "core/json_document.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/faces/json_text.hpp"
#include "daemon/faces/svix/application.hpp"
#include "daemon/faces/svix/functions.hpp"
#include "daemon/faces/svix/ids.hpp"
#include "daemon/faces/svix/listing.hpp"
#include "daemon/write_once.hpp"

namespace postern::daemon::svix {

using storage::AccountRow;
using storage::Connection;
using storage::Order;
using storage::Page;
using storage::StoreError;
using storage::Transaction;

namespace {

constexpr std::size_t kNameBytesMax = 256;
constexpr std::size_t kMetadataBytesMax = 16 * 1024;
constexpr std::string_view kOwnRate =
    "applications have no rate of their own here: set throttleRate at their endpoints";

// What a caller said about an application; absent: not mentioned.
struct ApplicationWish {
    std::optional<std::string> name;
    std::optional<std::string> uid;  // empty: taken away
    std::optional<std::string> metadata;
};

enum class WishFor { whole, part };

void read_metadata(Body& body, ApplicationWish& wish) {
    const JsonValue metadata = body.value("metadata");
    if (!metadata.exists() || metadata.is_null()) return;
    std::string text;
    JsonWriter writer{text};
    append_json(writer, metadata);
    bool good = metadata.is_object() && text.size() <= kMetadataBytesMax;
    for (const JsonMember& member : metadata.members()) good = good && member.value.is_string();
    if (good) {
        wish.metadata = std::move(text);
    } else {
        body.complain("metadata", "must be an object of texts, of at most 16 KB");
    }
}

ApplicationWish read_wish(Body& body, WishFor purpose) {
    ApplicationWish wish;
    if (purpose == WishFor::whole) {
        wish.name = body.required_text("name");
        wish.uid = body.text("uid").value_or("");
        wish.metadata = "{}";
    } else {
        wish.name = body.text("name");
        const bool cleared = body.value("uid").is_null();
        wish.uid = cleared ? std::optional<std::string>{""} : body.text("uid");
    }
    if (wish.name && wish.name->size() > kNameBytesMax) {
        body.complain("name", "must hold at most 256 bytes");
    }
    if (wish.uid && judge_uid(*wish.uid)) {
        body.complain("uid", "must be 1 to 256 letters, digits, or any of - _ . :");
    }
    body.refuse({"throttleRate", "rateLimit"}, kOwnRate);
    read_metadata(body, wish);
    return wish;
}

void apply(const ApplicationWish& wish, AccountRow& row) {
    if (wish.name) row.name = *wish.name;
    if (wish.uid) row.uid = *wish.uid;
    if (wish.metadata) row.metadata = *wish.metadata;
}

HttpReply application_reply(const ApiCall& call, const AccountRow& row, int status) {
    std::string body;
    JsonWriter writer{body};
    append_application(writer, row, call.around.store.ids);
    HttpReply reply = json_reply(std::move(body));
    reply.status = status;
    return reply;
}

HttpReply uid_taken() {
    return conflict_reply("An application with that uid already exists");
}

// Does the uid belong to another application than this?
Result<bool, StoreError>
is_taken(Connection& connection, const ApiCall& call, const AccountRow& wanted) {
    if (wanted.uid.empty()) return false;
    const auto found = storage::find_account_by_uid(connection, call.identity.account, wanted.uid);
    if (!found) return found.error();
    return *found && (*found)->id != wanted.id;
}

StoredAnswer create(Transaction& transaction, const ApiCall& call, const ApplicationWish& wish) {
    AccountRow row{.parent = call.identity.account};
    apply(wish, row);
    row.created_at = transaction.now();
    row.updated_at = transaction.now();
    const auto taken = is_taken(transaction.connection(), call, row);
    if (!taken) return taken.error();
    if (*taken) return uid_taken();
    const auto id = storage::insert_child_account(transaction, row);
    if (!id) return id.error();
    row.id = *id;
    return application_reply(call, row, 201);
}

StoredAnswer
change(Transaction& transaction, const ApiCall& call, const ApplicationWish& wish, AccountRow row) {
    apply(wish, row);
    row.updated_at = transaction.now();
    // The key's own account has no parent to give it a uid.
    if (row.id == call.identity.account && !row.uid.empty()) {
        return problems_reply({{{"body", "uid"}, "the key's own account takes no uid"}});
    }
    const auto taken = is_taken(transaction.connection(), call, row);
    if (!taken) return taken.error();
    if (*taken) return uid_taken();
    const auto updated = storage::update_account(transaction, row);
    if (!updated) return updated.error();
    return application_reply(call, row, 200);
}

// The children by id, and the key's own account, which is older than all of them.
StoreResult read_applications(
    Connection& connection,
    const ApiCall& call,
    const storage::PageRequest<AccountId>& request,
    Page<AccountRow>& page
) {
    const auto own = storage::find_account(connection, call.identity.account);
    if (!own) return own.error();
    auto children = storage::list_child_accounts(connection, call.identity.account, request);
    if (!children) return children.error();
    page = std::move(*children);
    if (!*own) return {};
    const bool ascending = request.order == Order::oldest_first;
    if (ascending && request.after) return {};
    if (!ascending && request.after == call.identity.account) return {};
    if (ascending) {
        page.rows.insert(page.rows.begin(), **own);
    } else if (page.more == Page<AccountRow>::More::no) {
        page.rows.push_back(**own);
    }
    if (page.rows.size() > request.rows_max) {
        page.rows.pop_back();
        page.more = Page<AccountRow>::More::yes;
    }
    return {};
}

// A page of them; those that are deleted are listed no more. How many there were.
Result<std::size_t, StoreError> delete_some(
    Transaction& transaction,
    const storage::EndpointOwner& owner,
    std::vector<postern::EndpointId>& deleted
) {
    const storage::PageRequest<postern::EndpointId> page{.rows_max = storage::kPageRowsMax};
    const auto some = storage::list_endpoints(transaction.connection(), owner, page);
    if (!some) return some.error();
    for (const storage::EndpointRow& row : some->rows) {
        const auto gone = daemon::delete_endpoint(transaction, {.owner = owner, .id = row.id});
        if (!gone) {
            const ServiceError why = gone.error();
            const auto* error = std::get_if<StoreError>(&why);
            return error != nullptr ? *error : StoreError::failed;
        }
        deleted.push_back(row.id);
    }
    return some->rows.size();
}

// Every endpoint of both modes; their open deliveries are closed by the jobs that this makes.
Result<void, StoreError> delete_endpoints(
    Transaction& transaction,
    const AccountRow& application,
    std::vector<postern::EndpointId>& deleted
) {
    for (const auto livemode : {storage::Livemode::test, storage::Livemode::live}) {
        const storage::EndpointOwner owner{.account = application.id, .livemode = livemode};
        for (std::size_t count = 1; count > 0;) {
            const auto some = delete_some(transaction, owner, deleted);
            if (!some) return some.error();
            count = *some;
        }
    }
    return {};
}

}  // namespace

net::Task<HttpReply> list_applications(const ApiCall& call) {
    Query query{call.request.query};
    const PageWish wish = read_page(query);
    const auto request = page_request<AccountId, ApplicationId>(query, wish, call.around.store.ids);
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    Page<AccountRow> page;
    const ReadWork work = [&call, &request, &page](Connection& connection) {
        return read_applications(connection, call, request, page);
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    in_shown_order(page.rows, wish);
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const AccountRow& row : page.rows) append_application(writer, row, call.around.store.ids);
    end_list(writer, borders_of<ApplicationId>(page, call.around.store.ids));
    co_return json_reply(std::move(body));
}

net::Task<HttpReply> create_application(const ApiCall& call) {
    Query query{call.request.query};
    const bool get_if_exists = query.flag("get_if_exists").value_or(false);
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    Body body{call.request.body};
    const ApplicationWish wish = read_wish(body, WishFor::whole);
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    const OnceWork work = [&call, &wish, get_if_exists](Transaction& transaction) -> StoredAnswer {
        if (get_if_exists && !wish.uid->empty()) {
            const auto found = find_application(transaction.connection(), call, *wish.uid);
            if (!found) return found.error();
            if (*found) return application_reply(call, **found, 200);
        }
        return create(transaction, call, wish);
    };
    auto writing = write_once(call, work);
    co_return co_await std::move(writing);
}

net::Task<HttpReply> get_application(const ApiCall& call) {
    const ReadInApplication work = [&call](Connection&, const AccountRow& row) -> StoredAnswer {
        return application_reply(call, row, 200);
    };
    auto reading = read_in_application(call, work);
    co_return co_await std::move(reading);
}

net::Task<HttpReply> put_application(const ApiCall& call) {
    Body body{call.request.body};
    ApplicationWish wish = read_wish(body, WishFor::whole);
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    const OnceWork work = [&call, &wish](Transaction& transaction) -> StoredAnswer {
        const std::string& name = call.path_parameters.front();
        const auto found = find_application(transaction.connection(), call, name);
        if (!found) return found.error();
        if (*found) return change(transaction, call, wish, **found);
        ApplicationWish made = wish;
        if (made.uid->empty()) made.uid = name;
        if (judge_uid(*made.uid)) return not_found_reply();
        return create(transaction, call, made);
    };
    auto writing = write_once(call, work);
    co_return co_await std::move(writing);
}

net::Task<HttpReply> patch_application(const ApiCall& call) {
    Body body{call.request.body};
    const ApplicationWish wish = read_wish(body, WishFor::part);
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    const WriteInApplication work =
        [&call, &wish](Transaction& transaction, const AccountRow& row) -> StoredAnswer {
        return change(transaction, call, wish, row);
    };
    auto writing = write_in_application(call, work);
    co_return co_await std::move(writing);
}

net::Task<HttpReply> delete_application(const ApiCall& call) {
    std::vector<postern::EndpointId> endpoints;
    const WriteInApplication work =
        [&call, &endpoints](Transaction& transaction, AccountRow row) -> StoredAnswer {
        endpoints.clear();
        if (row.id == call.identity.account) {
            return error_reply(
                {.status = 403,
                 .code = "insufficient_access",
                 .detail = "A key cannot delete its own account"}
            );
        }
        const auto emptied = delete_endpoints(transaction, row, endpoints);
        if (!emptied) return emptied.error();
        row.updated_at = transaction.now();
        row.deleted_at = transaction.now();
        const auto updated = storage::update_account(transaction, row);
        if (!updated) return updated.error();
        return no_content_reply();
    };
    auto writing = write_in_application(call, work);
    HttpReply reply = co_await std::move(writing);
    if (was_done_now(reply)) {
        for (const postern::EndpointId id : endpoints) publish_deletion(call.around, id);
        call.around.jobs.wake();
    }
    co_return reply;
}

}  // namespace postern::daemon::svix
