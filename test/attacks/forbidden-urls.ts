// Addresses to which no participant may send us, in every spelling that some reader takes for one.

/** Hosts that mean private, link-local or otherwise special addresses, outside loopback mode. */
// prettier-ignore
export const FORBIDDEN_HOSTS: readonly string[] = [
  '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255',
  '198.18.0.1', '192.0.2.1', '192.0.0.8',
  // Metadata services of clouds.
  '169.254.169.254', '100.100.100.200', '168.63.129.16', '[fd00:ec2::254]',
  // The same address as a number, in octal and hexadecimal, shortened, with a dot, in other digits.
  '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '017700000001', '127.1', '127.0.0.1.', '0', '0xa9fea9fe', '2852039166',
  '169.254.43518', '0xA9.0xFE.0xA9.0xFE', '①②⑦.⓪.⓪.①', '１２７.０.０.１', '127。0。0。1',
  // Version 6: this machine, private, link-local, site-local, multicast, discard, documentation.
  '[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[fc00::1]', '[fd12:3456::1]', '[fe80::1]', '[fec0::1]', '[ff02::1]', '[100::1]', '[2001:db8::1]',
  '[3fff::1]', '[5f00::1]',
  // Version 4 inside version 6: mapped, compatible, translated, NAT64, 6to4, Teredo.
  '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::ffff:a00:1]', '[::127.0.0.1]', '[::a9fe:a9fe]', '[::ffff:0:127.0.0.1]', '[64:ff9b::7f00:1]',
  '[64:ff9b::169.254.169.254]', '[64:ff9b:1::1]', '[2002:7f00:1::]', '[2002:a9fe:a9fe::1]', '[2002:c0a8:101::1]', '[2001:0:7f00:1::]',
  // A zone leads to an interface of ours.
  '[fe80::1%25eth0]', '[fe80::1%eth0]',
]

/** Whole URLs that are refused for what they are. */
// prettier-ignore
export const FORBIDDEN_URLS: readonly string[] = [
  ...FORBIDDEN_HOSTS.map((host) => `https://${host}/dsp`),
  'https://10.0.0.1:8443/dsp', 'https:10.0.0.1', 'https:\\\\10.0.0.1\\dsp', 'https://10.0.0\t.1/dsp', 'https://10.0.0.1\n/dsp', ' https://10.0.0.1/dsp',
  'HTTPS://10.0.0.1/dsp', 'https://user@peer.example/dsp', 'https://peer.example:x@10.0.0.1/dsp', 'https://peer.example@10.0.0.1/dsp',
  'https://peer.example%40@10.0.0.1/dsp', 'http://peer.example/dsp', 'ftp://peer.example/dsp', 'file:///etc/passwd', 'gopher://peer.example/',
  'javascript:alert(1)', 'data:text/plain,x', 'ws://peer.example/', '//peer.example/dsp', '/dsp', 'peer.example', 'https://?',
  'https://peer.example:99999/dsp', 'https://[::1/dsp', 'unix:/var/run/docker.sock', 'blob:https://peer.example/x',
]
