#include "daemon/api/replies.hpp"
#include "daemon/faces/svix/application.hpp"
#include "daemon/faces/svix/endpoint.hpp"
#include "daemon/faces/svix/functions.hpp"
#include "daemon/faces/svix/ids.hpp"
#include "daemon/faces/svix/listing.hpp"

namespace postern::daemon::svix {

using storage::AccountRow;
using storage::Connection;
using storage::EndpointRow;
using storage::Page;
using storage::StoreError;
using storage::Transaction;

namespace {

const std::string& name_in_path(const ApiCall& call) {
    return call.path_parameters[1];
}

HttpReply endpoint_reply(const ApiCall& call, const OpenEndpoint& endpoint, int status) {
    std::string body;
    JsonWriter writer{body};
    append_endpoint(writer, endpoint, call.around.store.ids);
    HttpReply reply = json_reply(std::move(body));
    reply.status = status;
    return reply;
}

std::optional<ApiError> judged(const ApiCall& call, const EndpointWish& wish) {
    if (!wish.url) return std::nullopt;
    auto error = judge_url(call.around.dispatcher, call.identity.livemode, *wish.url);
    if (error && error->details.empty()) error->details = {{"url", error->message}};
    return error;
}

StoredAnswer create(
    Transaction& transaction,
    const ApiCall& call,
    const EndpointDraft& draft,
    std::optional<OpenEndpoint>& made
) {
    auto created = daemon::create_endpoint(transaction, call.around.secrets, draft);
    if (!created) return refusal_of(created.error());
    made = std::move(*created);
    return endpoint_reply(call, *made, 201);
}

StoredAnswer change(
    Transaction& transaction,
    const ApiCall& call,
    const EndpointName& name,
    const EndpointWish& wish,
    std::optional<OpenEndpoint>& made
) {
    const EndpointEdit editing = [&wish](OpenEndpoint& endpoint, TimePoint) {
        return edit(wish, endpoint);
    };
    auto changed = change_endpoint(transaction, call.around.secrets, name, editing);
    if (!changed) return refusal_of(changed.error());
    made = std::move(*changed);
    return endpoint_reply(call, *made, 200);
}

// What has to be known before there is a transaction; the refusal, or the draft.
Result<EndpointDraft, ApiError> draft_of(const ApiCall& call, const EndpointWish& wish) {
    if (auto error = judged(call, wish)) return std::move(*error);
    EndpointDraft draft{.owner = {}, .uid = *wish.uid, .url = *wish.url};
    if (*wish.disabled) draft.status = storage::EndpointStatus::disabled;
    draft.secret = wish.secret;
    if (auto error = apply(wish, draft.settings)) return std::move(*error);
    return draft;
}

StoreResult read_endpoints(
    Connection& connection,
    const ApiCall& call,
    const storage::EndpointOwner& owner,
    Page<EndpointRow>& page,
    JsonWriter& writer
) {
    for (const EndpointRow& row : page.rows) {
        const auto endpoint =
            find_open_endpoint(connection, call.around.secrets, {.owner = owner, .id = row.id});
        if (!endpoint) return endpoint.error();
        if (*endpoint) append_endpoint(writer, **endpoint, call.around.store.ids);
    }
    return {};
}

}  // namespace

net::Task<HttpReply> list_endpoints(const ApiCall& call) {
    Query query{call.request.query};
    const PageWish wish = read_page(query);
    const IdCodec& ids = call.around.store.ids;
    const auto request = page_request<postern::EndpointId, EndpointId>(query, wish, ids);
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    const ReadInApplication work = [&call, &ids, &wish, &request](
                                       Connection& connection, const AccountRow& application
                                   ) -> StoredAnswer {
        const storage::EndpointOwner owner = owner_of(call, application);
        auto page = storage::list_endpoints(connection, owner, request);
        if (!page) return page.error();
        in_shown_order(page->rows, wish);
        std::string body;
        JsonWriter writer{body};
        begin_list(writer);
        const auto read = read_endpoints(connection, call, owner, *page, writer);
        if (!read) return read.error();
        end_list(writer, borders_of<EndpointId>(*page, ids));
        return json_reply(std::move(body));
    };
    auto reading = read_in_application(call, work);
    co_return co_await std::move(reading);
}

net::Task<HttpReply> create_endpoint(const ApiCall& call) {
    Body body{call.request.body};
    const EndpointWish wish = read_endpoint_wish(body, WishFor::creation);
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    auto drafted = draft_of(call, wish);
    if (!drafted) co_return daemon::error_reply(drafted.error());
    EndpointDraft draft = std::move(*drafted);
    std::optional<OpenEndpoint> made;
    const WriteInApplication work = [&call, &draft, &made](
                                        Transaction& transaction, const AccountRow& application
                                    ) -> StoredAnswer {
        draft.owner = owner_of(call, application);
        return create(transaction, call, draft, made);
    };
    auto writing = write_in_application(call, work);
    HttpReply reply = co_await std::move(writing);
    if (made && was_done_now(reply)) publish_endpoint(call.around, *made);
    co_return reply;
}

net::Task<HttpReply> get_endpoint(const ApiCall& call) {
    const ReadInApplication work =
        [&call](Connection& connection, const AccountRow& application) -> StoredAnswer {
        const auto found = find_endpoint(connection, call, application, name_in_path(call));
        if (!found) return found.error();
        return *found ? endpoint_reply(call, **found, 200) : not_found_reply();
    };
    auto reading = read_in_application(call, work);
    co_return co_await std::move(reading);
}

net::Task<HttpReply> put_endpoint(const ApiCall& call) {
    Body body{call.request.body};
    EndpointWish wish = read_endpoint_wish(body, WishFor::whole);
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    auto drafted = draft_of(call, wish);
    if (!drafted) co_return daemon::error_reply(drafted.error());
    EndpointDraft draft = std::move(*drafted);
    std::optional<OpenEndpoint> made;
    const WriteInApplication work = [&call, &wish, &draft, &made](
                                        Transaction& transaction, const AccountRow& application
                                    ) -> StoredAnswer {
        const std::string& name = name_in_path(call);
        const auto found = find_endpoint(transaction.connection(), call, application, name);
        if (!found) return found.error();
        if (*found) {
            const EndpointName known{owner_of(call, application), (*found)->row.id};
            return change(transaction, call, known, wish, made);
        }
        // A uid that is free makes an endpoint; an id that is not there cannot be given to one.
        if (judge_uid(name) || call.around.store.ids.decode<EndpointId>(name)) {
            return not_found_reply();
        }
        draft.owner = owner_of(call, application);
        if (wish.uid->empty()) draft.uid = name;
        return create(transaction, call, draft, made);
    };
    auto writing = write_in_application(call, work);
    HttpReply reply = co_await std::move(writing);
    if (made && was_done_now(reply)) publish_endpoint(call.around, *made);
    co_return reply;
}

net::Task<HttpReply> patch_endpoint(const ApiCall& call) {
    Body body{call.request.body};
    const EndpointWish wish = read_endpoint_wish(body, WishFor::part);
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    if (const auto error = judged(call, wish)) co_return daemon::error_reply(*error);
    std::optional<OpenEndpoint> made;
    const WriteInApplication work = [&call, &wish, &made](
                                        Transaction& transaction, const AccountRow& application
                                    ) -> StoredAnswer {
        const auto name =
            find_endpoint_name(transaction.connection(), call, application, name_in_path(call));
        if (!name) return name.error();
        if (!*name) return not_found_reply();
        return change(transaction, call, **name, wish, made);
    };
    auto writing = write_in_application(call, work);
    HttpReply reply = co_await std::move(writing);
    if (made && was_done_now(reply)) publish_endpoint(call.around, *made);
    co_return reply;
}

net::Task<HttpReply> delete_endpoint(const ApiCall& call) {
    std::optional<postern::EndpointId> deleted;
    const WriteInApplication work =
        [&call, &deleted](Transaction& transaction, const AccountRow& application) -> StoredAnswer {
        const auto name =
            find_endpoint_name(transaction.connection(), call, application, name_in_path(call));
        if (!name) return name.error();
        if (!*name) return not_found_reply();
        const auto gone = daemon::delete_endpoint(transaction, **name);
        if (!gone) return refusal_of(gone.error());
        deleted = (*name)->id;
        return no_content_reply();
    };
    auto writing = write_in_application(call, work);
    HttpReply reply = co_await std::move(writing);
    if (deleted && was_done_now(reply)) {
        publish_deletion(call.around, *deleted);
        call.around.jobs.wake();
    }
    co_return reply;
}

}  // namespace postern::daemon::svix
