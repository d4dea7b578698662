#include "redis/client.hpp"

#include "core/assert.hpp"
#include "core/crypto.hpp"
#include "net/mailbox.hpp"
#include "redis/listener.hpp"
#include "redis/topology.hpp"

#include <map>
#include <optional>
#include <utility>

namespace postern::redis {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string to_hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += kHexDigits[byte >> 4];
        text += kHexDigits[byte & 0x0f];
    }
    return text;
}

}  // namespace

struct Client::Impl : std::enable_shared_from_this<Client::Impl> {
    Impl(net::IoThread& thread, Options options);

    void start();
    void stop();
    void tell_up();
    void send(std::string_view key, Request request);
    std::string_view sha1_of(const Script& script);

    struct Question {
        std::string key;
        std::string bytes;
    };
    static net::Task<Answer> ask(std::shared_ptr<Impl> self, Question question);
    static net::Task<Answer>
    run(std::shared_ptr<Impl> self, Script script, std::vector<std::string> command);

    Surroundings around;
    std::unique_ptr<Topology> topology;
    std::unique_ptr<ChannelListener> listener;
    std::vector<std::function<void()>> on_up;
    std::map<std::string_view, std::string> sha1_by_text;
    enum class State { made, started, stopped } state = State::made;
};

Client::Impl::Impl(net::IoThread& thread, Options options)
    : around{
        .thread = thread,
        .later = std::make_shared<Later>(thread),
        .options = std::make_shared<const Options>(std::move(options))} {
    topology = make_topology(
        around,
        {.up = [this] { tell_up(); },
         .changed =
             [this] {
                 if (listener != nullptr) listener->server_changed();
             }}
    );
    listener = std::make_unique<ChannelListener>(
        around,
        Keeper::Kind{
            .use = Link::Use::messages,
            .purpose = "messages",
            .retry_max = around.options->limits.retry_max},
        ChannelListener::Finder{
            .server = [this](std::size_t attempt
                      ) { return topology->server_for_messages(attempt); },
            .serves = [this](const ServerAddress& server
                      ) { return topology->serves_messages(server); },
            .heard =
                [this] {
                    tell_up();
                }}
    );
}

void Client::Impl::start() {
    if (state != State::made) return;
    state = State::started;
    topology->start();
    listener->start();
}

void Client::Impl::stop() {
    if (state == State::stopped) return;
    state = State::stopped;
    listener.reset();
    topology.reset();
    const auto later = around.later;
    later->run();
}

void Client::Impl::tell_up() {
    if (listener != nullptr) listener->server_changed();
    around.later->add([weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self == nullptr || self->state == State::stopped) return;
        const auto all = self->on_up;  // whoever is told may add others
        for (const auto& tell : all) tell();
    });
}

void Client::Impl::send(std::string_view key, Request request) {
    if (state == State::started) return topology->send(key, std::move(request));
    around.later->add([tell = std::move(request.on_answer)] {
        tell(Failure{Failure::Kind::down, "the client is not running"});
    });
}

std::string_view Client::Impl::sha1_of(const Script& script) {
    std::string& sha1 = sha1_by_text[script.text()];
    if (sha1.empty()) sha1 = to_hex(hash(HashAlgorithm::sha1, {script.text()}));
    return sha1;
}

net::Task<Answer> Client::Impl::ask(std::shared_ptr<Impl> self, Question question) {
    struct Waiting {
        net::Sleeper sleeper;
        std::optional<Answer> answer;
    };
    Waiting waiting;
    // Both live in this frame, which goes on only when it is woken, and every request is answered.
    const auto begin = [self = self.get(), asked = &question, place = &waiting] {
        const auto wake = [place](Answer answer) {
            place->answer.emplace(std::move(answer));
            place->sleeper.wake();
        };
        self->send(asked->key, {.bytes = std::move(asked->bytes), .on_answer = wake});
    };
    co_await net::sleep_until_woken(waiting.sleeper, begin);
    co_return std::move(*waiting.answer);
}

// `command` begins with EVALSHA and the digest. A server that was restarted, flushed or promoted
// has forgotten the script: it is sent whole to that one, which remembers it from then on.
net::Task<Answer>
Client::Impl::run(std::shared_ptr<Impl> self, Script script, std::vector<std::string> command) {
    const std::string key = command[3];
    Question by_digest{.key = key, .bytes = encode(command)};
    Answer answer = co_await ask(self, std::move(by_digest));
    const bool unknown = !answer && answer.error().kind == Failure::Kind::refused
                         && error_code(answer.error().reason) == "NOSCRIPT";
    if (!unknown) co_return answer;
    command[0] = "EVAL";
    command[1] = script.text();
    Question whole{.key = key, .bytes = encode(command)};
    co_return co_await ask(self, std::move(whole));
}

Client::Client(net::IoThread& thread, Options options)
    : impl_{std::make_shared<Impl>(thread, std::move(options))} {}

Client::~Client() {
    impl_->stop();
}

void Client::start() {
    impl_->start();
}

void Client::stop() {
    const auto impl = impl_;  // whoever is answered may destroy the client
    impl->stop();
}

net::Task<Answer> Client::call(std::string key, std::vector<std::string> command) {
    POSTERN_ASSERT(!command.empty());
    return Impl::ask(impl_, {.key = std::move(key), .bytes = encode(command)});
}

net::Task<Answer> Client::run(
    const Script& script,
    std::vector<std::string> keys,
    std::vector<std::string> arguments
) {
    POSTERN_ASSERT(!keys.empty());
    std::vector<std::string> command{
        "EVALSHA", std::string{impl_->sha1_of(script)}, std::to_string(keys.size())};
    for (std::string& key : keys) command.push_back(std::move(key));
    for (std::string& argument : arguments) command.push_back(std::move(argument));
    return Impl::run(impl_, script, std::move(command));
}

void Client::subscribe(std::string channel, OnMessage on_message) {
    if (impl_->listener == nullptr) return;
    impl_->listener->subscribe(std::move(channel), std::move(on_message));
}

net::Task<Answer> Client::publish(std::string channel, std::string message) {
    return call({}, {"PUBLISH", std::move(channel), std::move(message)});
}

bool Client::is_up() const {
    return impl_->state == Impl::State::started && impl_->topology->is_up();
}

std::string Client::why_down() const {
    if (impl_->state != Impl::State::started) return "the client is not running";
    return is_up() ? std::string{} : impl_->topology->why_down();
}

void Client::on_up(std::function<void()> tell) {
    impl_->on_up.push_back(std::move(tell));
}

}  // namespace postern::redis
