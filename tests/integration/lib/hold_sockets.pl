# hold_sockets.pl NAMES COMMAND...: the service manager's part of socket activation. Opens a
# listening socket for each of the comma-separated names, on loopback or where NAME=ADDRESS says,
# keeps it, and runs the command with them once for each line that it reads, one run after the
# other. SIGTERM is handed on and ends it all.
use strict;
use warnings;
use POSIX ();
use Socket;

my ($names, @command) = @ARGV;
my (@names, %address);
for my $wish (split /,/, $names) {
    my ($name, $address) = split /=/, $wish;
    push @names, $name;
    $address{$name} = $address // '127.0.0.1';
}
my $first = 3;
my ($daemon, $stopping);
$| = 1;
$^F = 64;    # descriptors below this survive exec

my @sockets;
for my $name (@names) {
    socket(my $socket, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
    bind($socket, sockaddr_in(0, inet_aton($address{$name}))) or die "bind: $!";
    listen($socket, 4096) or die "listen: $!";
    my ($port) = sockaddr_in(getsockname $socket);
    push @sockets, $socket;
    print "socket $name $port\n";
}

$SIG{TERM} = sub { $stopping = 1; kill 'TERM', $daemon if $daemon; };
my $code = 0;
while (!$stopping && defined(my $line = <STDIN>)) {
    $daemon = fork // die "fork: $!";
    if ($daemon == 0) {
        for my $i (0 .. $#sockets) { POSIX::dup2(fileno $sockets[$i], $first + $i); }
        $ENV{LISTEN_PID} = $$;
        $ENV{LISTEN_FDS} = scalar @sockets;
        $ENV{LISTEN_FDNAMES} = join ':', @names;
        exec @command or POSIX::_exit(127);
    }
    print "started $daemon\n";
    my $ended;
    do { $ended = waitpid $daemon, 0; } while ($ended != $daemon);
    $code = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    $daemon = undef;
    print "ended $code\n";
}
exit $code;
