#pragma once

#include "redis/client.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern::redis {

// Tries again soon, and otherwise has all the time that a busy machine may take.
inline Options options_for(const std::string& url) {
    Options options = *parse_url(url);
    options.limits.connect_timeout = std::chrono::seconds{30};
    options.limits.command_timeout = std::chrono::seconds{30};
    options.limits.ping_after = std::chrono::milliseconds{200};
    options.limits.retry_max = std::chrono::milliseconds{200};
    options.limits.search_max = std::chrono::milliseconds{100};
    return options;
}

// For servers that will not answer.
inline Options impatient(Options options) {
    options.limits.connect_timeout = std::chrono::milliseconds{300};
    options.limits.command_timeout = std::chrono::milliseconds{300};
    return options;
}

// A client and the loop it lives on, which turns only while the test waits for something.
class Rig {
 public:
    explicit Rig(const std::string& url) : Rig{options_for(url)} {}
    explicit Rig(Options options) : client{std::in_place, thread, std::move(options)} {
        client->on_up([this] { ++ups; });
        client->start();
    }
    ~Rig() {
        client.reset();
        thread.context().poll();
    }

    void until(const std::function<bool()>& reached) {
        while (!reached()) thread.context().run_one();
    }
    void until_up() {
        until([this] { return client->is_up(); });
    }

    Answer wait_for(net::Task<Answer> task) {
        std::optional<Answer> answer;
        begin(std::move(task), answer);
        until([&answer] { return answer.has_value(); });
        return std::move(*answer);
    }
    void begin(net::Task<Answer> task, std::optional<Answer>& place) {
        const auto keep = [&place](std::exception_ptr failure, Answer answer) {
            if (failure) std::rethrow_exception(failure);
            place.emplace(std::move(answer));
        };
        net::asio::co_spawn(thread.context(), std::move(task), keep);
    }
    Answer ask(std::vector<std::string> command, std::string key = {}) {
        return wait_for(client->call(std::move(key), std::move(command)));
    }
    // Asks again until it is answered well.
    Reply insist(const std::vector<std::string>& command, const std::string& key = {}) {
        for (;;) {
            if (const Answer answer = ask(command, key)) return *answer;
            thread.context().poll();
        }
    }

    net::IoThread thread{0};
    std::optional<Client> client;
    int ups = 0;
};

inline std::string text_of(const Answer& answer) {
    return answer ? answer->text : "failed: " + answer.error().reason;
}

inline std::optional<Failure::Kind> failure_of(const Answer& answer) {
    if (answer) return std::nullopt;
    return answer.error().kind;
}

}  // namespace postern::redis
