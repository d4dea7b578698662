#include "redis/link.hpp"

#include <utility>

// What a connection says before anybody else may speak, and what is made of the answers.
namespace postern::redis {

bool Link::is_to_sentinel() const {
    return dial_.use == Use::sentinel || dial_.use == Use::sentinel_messages;
}

// Everything at once: a greeting costs one round trip.
void Link::greet() {
    const Options& options = *around_.options;
    const Credentials& who = is_to_sentinel() ? options.sentinel_credentials : options.credentials;
    if (!who.password.empty()) {
        std::vector<std::string> command{"AUTH"};
        if (!who.user.empty()) command.push_back(who.user);
        command.push_back(who.password);
        ask_own(Topic::authentication, command);
    }
    if (options.database != 0 && !is_to_sentinel()) {
        ask_own(Topic::database, {"SELECT", std::to_string(options.database)});
    }
    ask_own(Topic::name, {"CLIENT", "SETNAME", options.client_name});
    ask_own(Topic::probe, {dial_.use == Use::master_commands ? "ROLE" : "PING"});
}

void Link::ask_own(Topic topic, const std::vector<std::string>& command) {
    const auto deadline = state_ == State::ready
                              ? Clock::now() + around_.options->limits.command_timeout
                              : greeting_deadline_;
    enqueue({.topic = topic, .on_answer = {}, .deadline = deadline}, encode(command));
}

// A refusal can repeat the command, and with it the password: only its first word is passed on.
void Link::greeted(Topic topic, const Reply& reply) {
    const bool failed = reply.kind == Reply::Kind::error;
    std::string code = failed ? std::string{error_code(reply.text)} : std::string{};
    if (reply.text.starts_with("ERR max number of clients")) return lose(reply.text);
    switch (topic) {
        case Topic::authentication:
            if (failed) lose("it refuses the user and password (" + code + ")");
            return;
        case Topic::database:
            if (failed) lose("it refuses the database (" + code + ")");
            return;
        case Topic::probe: return answer_probe(reply);
        case Topic::ping:
            if (failed && code != "NOPERM") lose(reply.text);
            return;
        case Topic::name:  // a convenience, which a user may not be allowed
            if (failed && code != "NOPERM") turned_away_ = reply.text;
            return;
        case Topic::asking:
        case Topic::request: return;
    }
}

// A user without the right to ask is believed to have been given the right address.
void Link::answer_probe(const Reply& reply) {
    if (state_ != State::greeting) return;
    const bool failed = reply.kind == Reply::Kind::error;
    if (failed && error_code(reply.text) == "NOAUTH") return lose("it wants a password");
    if (failed && error_code(reply.text) != "NOPERM") return lose(reply.text);
    const bool must_be_master = dial_.use == Use::master_commands && !failed;
    const bool is_master = !reply.items.empty() && reply.items.front().text == "master";
    if (must_be_master && !is_master) return lose("it is not the master");
    become_ready();
}

void Link::become_ready() {
    state_ = State::ready;
    turned_away_.clear();
    set_alarm(heard_at_ + around_.options->limits.ping_after);
    auto held = std::exchange(held_, {});
    for (Request& request : held) send(std::move(request));
    if (listener_ != nullptr) listener_->link_ready();
}

}  // namespace postern::redis
