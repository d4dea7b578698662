#include "redis/link.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <utility>

namespace postern::redis {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
// A server that sends without end may not keep the loop from everybody else.
constexpr int kReadsInATurn = 16;
constexpr const char* kTooMuch = "too much waits for an answer";

Failure down(std::string reason) {
    return {Failure::Kind::down, std::move(reason)};
}

std::string milliseconds(std::chrono::milliseconds time) {
    return std::to_string(time.count()) + " ms";
}

std::string said_by_system(std::string text) {
    text += std::strerror(errno);
    return text;
}

}  // namespace

void refuse(Later& later, OnAnswer on_answer, std::string reason) {
    if (!on_answer) return;
    later.add([tell = std::move(on_answer), why = std::move(reason)] { tell(down(why)); });
}

std::shared_ptr<Link> Link::open(Surroundings around, Dial dial, Listener& listener) {
    auto link = std::make_shared<Link>(std::move(around), std::move(dial), listener);
    link->start();
    return link;
}

Link::Link(Surroundings around, Dial dial, Listener& listener)
    : around_{std::move(around)},
      dial_{std::move(dial)},
      listener_{&listener},
      resolver_{around_.thread.context()},
      socket_{around_.thread.context()},
      reader_{
          {.bytes = around_.options->limits.reply_bytes_max,
           .items = around_.options->limits.reply_items_max}} {}

void Link::start() {
    alarm_.emplace(around_.thread, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->on_alarm();
    });
    greeting_deadline_ = Clock::now() + around_.options->limits.connect_timeout;
    set_alarm(greeting_deadline_);
    resolve();
}

// Names go through the system's own resolver, on Asio's thread for it, because whoever operates
// this expects them to mean what they mean to every other program of the machine.
void Link::resolve() {
    Error error;
    const auto address = net::asio::ip::make_address(dial_.server.host, error);
    if (!error) {
        endpoints_ = {Tcp::endpoint{address, dial_.server.port}};
        // Whoever opened this does not hold it yet, so a refusal may not come from within.
        net::asio::post(around_.thread.context(), [self = shared_from_this()] {
            self->connect_next({});
        });
        return;
    }
    resolver_.async_resolve(
        dial_.server.host,
        std::to_string(dial_.server.port),
        [self = shared_from_this()](const Error& failure, const Resolver::results_type& found) {
            if (self->state_ == State::ended) return;
            if (failure || found.empty()) return self->lose("its name is not known");
            for (const auto& entry : found) self->endpoints_.push_back(entry.endpoint());
            const std::size_t first = self->dial_.attempt % self->endpoints_.size();
            std::rotate(
                self->endpoints_.begin(),
                self->endpoints_.begin() + static_cast<std::ptrdiff_t>(first),
                self->endpoints_.end()
            );
            std::reverse(self->endpoints_.begin(), self->endpoints_.end());
            self->connect_next({});
        }
    );
}

void Link::connect_next(const Error& before) {
    if (state_ == State::ended) return;
    if (endpoints_.empty()) return lose("cannot connect: " + before.message());
    const Tcp::endpoint endpoint = endpoints_.back();
    endpoints_.pop_back();
    Error error;
    socket_.close(error);
    socket_.open(endpoint.protocol(), error);
    if (error) return lose("cannot open a socket: " + error.message());
    socket_.set_option(Tcp::no_delay{true}, error);
    socket_.async_connect(endpoint, [self = shared_from_this()](const Error& failure) {
        if (self->state_ == State::ended) return;
        if (failure) return self->connect_next(failure);
        self->connected();
    });
}

void Link::connected() {
    Error error;
    socket_.native_non_blocking(true, error);
    if (error) return lose("cannot use the socket: " + error.message());
    state_ = State::greeting;
    heard_at_ = Clock::now();
    wait_readable();
    greet();
}

void Link::send(Request request) {
    const Limits& limits = around_.options->limits;
    if (state_ == State::ended)
        return refuse(*around_.later, std::move(request.on_answer), "not connected");
    if (pending_.size() + held_.size() >= limits.unanswered_max
        || output_.size() - sent_bytes_ + request.bytes.size() > limits.unsent_bytes_max) {
        return refuse(*around_.later, std::move(request.on_answer), kTooMuch);
    }
    if (state_ != State::ready) return held_.push_back(std::move(request));
    const auto deadline = Clock::now() + limits.command_timeout;
    enqueue(
        {.topic = Topic::request, .on_answer = std::move(request.on_answer), .deadline = deadline},
        request.bytes
    );
}

void Link::send_asking(Request request) {
    static const std::string asking = encode({"ASKING"});
    if (state_ == State::ready) {
        const auto deadline = Clock::now() + around_.options->limits.command_timeout;
        enqueue({.topic = Topic::asking, .on_answer = {}, .deadline = deadline}, asking);
        return send(std::move(request));
    }
    // Both wait: the answer to the first is nobody's, and the two stay neighbours.
    send({.bytes = asking, .on_answer = {}});
    send(std::move(request));
}

void Link::enqueue(Pending pending, std::string_view bytes) {
    output_ += bytes;
    set_alarm(pending.deadline);
    pending_.push_back(std::move(pending));
    schedule_flush();
}

void Link::schedule_flush() {
    if (flush_scheduled_ || waits_writable_) return;
    flush_scheduled_ = true;
    net::asio::post(around_.thread.context(), [self = shared_from_this()] {
        self->flush_scheduled_ = false;
        self->flush();
    });
}

void Link::flush() {
    if (state_ == State::ended || waits_writable_) return;
    while (sent_bytes_ < output_.size()) {
        const ssize_t count = ::send(
            socket_.native_handle(),
            output_.data() + sent_bytes_,
            output_.size() - sent_bytes_,
            MSG_NOSIGNAL | MSG_DONTWAIT
        );
        if (count >= 0) {
            sent_bytes_ += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN) {
            return wait_writable();
        } else if (errno != EINTR) {
            return lose(why_ended(said_by_system("cannot send: ")));
        }
    }
    sent_bytes_ = 0;
    output_.clear();
    if (output_.capacity() > kReadBytes) output_.shrink_to_fit();
}

void Link::wait_writable() {
    // Moved seldom: much that leaves in small pieces would be moved again and again.
    if (sent_bytes_ > output_.size() / 2) output_.erase(0, std::exchange(sent_bytes_, 0));
    waits_writable_ = true;
    socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const Error& error) {
        self->waits_writable_ = false;
        if (!error) self->flush();
    });
}

void Link::wait_readable() {
    if (state_ == State::ended) return;
    socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const Error& error) {
        if (error || self->state_ == State::ended) return;
        self->read_available();
        self->wait_readable();
    });
}

void Link::read_available() {
    static thread_local std::array<char, kReadBytes> buffer;
    for (int i = 0; i < kReadsInATurn && state_ != State::ended; ++i) {
        const ssize_t count =
            ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count == 0) return lose(why_ended("the server ended the connection"));
        if (count < 0 && errno == EAGAIN) return;
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return lose(why_ended(said_by_system("cannot receive: ")));
        heard_at_ = Clock::now();
        reader_.feed({buffer.data(), static_cast<std::size_t>(count)});
        take_replies();
    }
}

// Who turns everybody away says so once, as the answer to whatever came first.
std::string Link::why_ended(std::string otherwise) const {
    return turned_away_.empty() ? std::move(otherwise) : turned_away_;
}

void Link::take_replies() {
    while (state_ != State::ended) {
        auto next = reader_.next();
        if (!next) return lose("what it sends is not understood: " + next.error().message);
        if (!next->has_value()) break;
        take(std::move(**next));
    }
    // Only when all that came with it was answered: the rest of a batch has its own answers.
    if (!unfit_reason_.empty()) return lose(unfit_reason_);
    const bool idle = state_ == State::ready && pending_.empty();
    if (idle) set_alarm(heard_at_ + around_.options->limits.ping_after);
}

bool Link::is_message(const Reply& reply) const {
    const bool listens = dial_.use == Use::messages || dial_.use == Use::sentinel_messages;
    return listens && reply.items.size() == 3 && reply.items.front().text == "message";
}

void Link::take(Reply reply) {
    if (is_message(reply)) {
        if (listener_ != nullptr) listener_->link_message(std::move(reply));
        return;
    }
    if (pending_.empty()) return lose("it answered what nobody had asked");
    const Pending asked = std::move(pending_.front());
    pending_.pop_front();
    if (asked.topic != Topic::request) return greeted(asked.topic, reply);
    if (reply.kind != Reply::Kind::error) return tell(asked.on_answer, std::move(reply));
    switch (server_state(reply.text)) {
        case ServerState::fine:
            return tell(asked.on_answer, Failure{Failure::Kind::refused, std::move(reply.text)});
        case ServerState::hindered: return tell(asked.on_answer, down(std::move(reply.text)));
        case ServerState::unfit:
            if (unfit_reason_.empty()) unfit_reason_ = reply.text;
            return tell(asked.on_answer, down(std::move(reply.text)));
    }
}

void Link::set_alarm(Clock::time_point at) {
    if (at >= alarm_at_) return;
    alarm_at_ = at;
    const auto left = std::max(at - Clock::now(), Clock::duration{0});
    // Rounded up: an alarm that rings early would ring again and again until it is due.
    alarm_->set(std::chrono::ceil<std::chrono::microseconds>(left));
}

void Link::on_alarm() {
    alarm_at_ = Clock::time_point::max();
    if (state_ == State::ended) return;
    const Limits& limits = around_.options->limits;
    const auto late = [this] {
        return !pending_.empty() && pending_.front().deadline <= Clock::now();
    };
    // The answer may be there already, when it was us who had no time to look.
    if (late()) read_available();
    if (state_ == State::ended) return;
    if (state_ != State::ready && greeting_deadline_ <= Clock::now()) {
        return lose("it could not be used within " + milliseconds(limits.connect_timeout));
    }
    if (late()) return lose("no answer within " + milliseconds(limits.command_timeout));
    const bool silent = heard_at_ + limits.ping_after <= Clock::now();
    if (state_ == State::ready && pending_.empty() && silent) ask_own(Topic::ping, {"PING"});
    if (!pending_.empty()) return set_alarm(pending_.front().deadline);
    const bool ready = state_ == State::ready;
    set_alarm(ready ? heard_at_ + limits.ping_after : greeting_deadline_);
}

void Link::tell(OnAnswer on_answer, Answer answer) {
    if (!on_answer) return;
    around_.later->add([tell = std::move(on_answer), what = std::move(answer)] { tell(what); });
}

void Link::lose(const std::string& reason) {
    if (state_ == State::ended) return;
    const auto self = shared_from_this();
    const std::string kept = reason;  // it may be a part of what ends
    end(kept);
    if (Listener* listener = std::exchange(listener_, nullptr)) listener->link_lost(kept);
}

void Link::drop() {
    listener_ = nullptr;
    if (state_ != State::ended) end("the client was stopped, or looks elsewhere");
}

void Link::end(const std::string& reason) {
    state_ = State::ended;
    Error ignored;  // there is nothing that we would do differently
    socket_.close(ignored);
    resolver_.cancel();
    alarm_->cancel();
    const auto time = Clock::now();
    for (Pending& asked : std::exchange(pending_, {})) {
        const bool late = asked.deadline <= time;
        const auto kind = late ? Failure::Kind::timeout : Failure::Kind::down;
        tell(std::move(asked.on_answer), Failure{kind, reason});
    }
    for (Request& request : std::exchange(held_, {})) {
        refuse(*around_.later, std::move(request.on_answer), reason);
    }
}

}  // namespace postern::redis
