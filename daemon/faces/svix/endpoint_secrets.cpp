#include "daemon/api/replies.hpp"
#include "daemon/faces/svix/application.hpp"
#include "daemon/faces/svix/functions.hpp"
#include "dispatch/signing.hpp"

namespace postern::daemon::svix {

using storage::AccountRow;
using storage::Connection;
using storage::Transaction;

net::Task<HttpReply> get_endpoint_secret(const ApiCall& call) {
    const ReadInApplication work =
        [&call](Connection& connection, const AccountRow& application) -> StoredAnswer {
        const auto found = find_endpoint(connection, call, application, call.path_parameters[1]);
        if (!found) return found.error();
        if (!*found || (*found)->secrets.secrets.empty()) return not_found_reply();
        std::string body;
        JsonWriter writer{body};
        writer.begin_object();
        writer.member("key", (*found)->secrets.secrets.front().secret);
        writer.end_object();
        return json_reply(std::move(body));
    };
    auto reading = read_in_application(call, work);
    co_return co_await std::move(reading);
}

net::Task<HttpReply> rotate_endpoint_secret(const ApiCall& call) {
    Body body{call.request.body};
    SecretRotation rotation;
    if (const auto key = body.text("key")) {
        const auto secret = dispatch::parse_endpoint_secret(*key);
        if (secret) {
            rotation.secret = *secret;
        } else {
            body.complain("key", secret.error().message);
        }
    }
    if (const auto grace = body.integer("gracePeriodSeconds")) {
        rotation.grace = std::chrono::seconds{*grace};
        if (*grace < 0 || rotation.grace > kSecretGraceMax) {
            body.complain("gracePeriodSeconds", "must be from 0 to 604800");
        }
    }
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    std::optional<OpenEndpoint> made;
    const WriteInApplication work = [&call, &rotation, &made](
                                        Transaction& transaction, const AccountRow& application
                                    ) -> StoredAnswer {
        const auto name = find_endpoint_name(
            transaction.connection(), call, application, call.path_parameters[1]
        );
        if (!name) return name.error();
        if (!*name) return not_found_reply();
        auto rotated = rotate_secret(transaction, call.around.secrets, **name, rotation);
        if (!rotated) return refusal_of(rotated.error());
        made = std::move(*rotated);
        return no_content_reply();
    };
    auto writing = write_in_application(call, work);
    HttpReply reply = co_await std::move(writing);
    if (made && was_done_now(reply)) publish_endpoint(call.around, *made);
    co_return reply;
}

}  // namespace postern::daemon::svix
